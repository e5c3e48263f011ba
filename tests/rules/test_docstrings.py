"""What a public name says of itself: that it does, and which errors it raises."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.rules.test_code import trees

Function = ast.FunctionDef | ast.AsyncFunctionDef

COMMANDS = "deskmon/cli/"
"""Whose faults are one line on stderr, whatever raised them."""
STATED = "deskmon/analytics/"
"""Where each public function says what it computes."""


def public(
    body: list[ast.stmt], classes: tuple[ast.ClassDef, ...] = ()
) -> Iterator[tuple[Function, tuple[ast.ClassDef, ...]]]:
    """Functions and methods that others may call, each with the classes around it."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public(node.body, (*classes, node))
        elif isinstance(node, Function) and (not node.name.startswith("_") or node.name == "__init__"):
            yield node, classes


def raised(function: Function) -> set[str]:
    """Errors that the function itself raises: not again what it caught, and not those of functions within."""
    found: set[str] = set()
    rest: list[ast.AST] = list(function.body)
    while rest:
        node = rest.pop()
        if isinstance(node, Function | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(node, ast.Raise) and node.exc is not None:
            called = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            found |= {name} if name[:1].isupper() else set()
        rest += ast.iter_child_nodes(node)
    return found - {"NotImplementedError", "AssertionError", "StopIteration"}


def overridden(modules: dict[str, ast.Module]) -> dict[tuple[str, str], str]:
    """By class and method its docstring, for methods that take the place of them."""
    classes = [node for tree in modules.values() for node in tree.body if isinstance(node, ast.ClassDef)]
    return {
        (each.name, method.name): ast.get_docstring(method) or ""
        for each in classes
        for method in each.body
        if isinstance(method, Function)
    }


def silent(modules: dict[str, ast.Module]) -> list[str]:
    """Functions that raise what nothing says: neither they, nor their class or module, nor what they override."""
    above, found = overridden(modules), []
    for path, tree in modules.items():
        for function, classes in public(tree.body):
            bases = [getattr(base, "id", "") for each in classes for base in map(plain, each.bases)]
            said = [ast.get_docstring(node) or "" for node in (function, *classes, tree)]
            words = " ".join(said + [above.get((base, function.name), "") for base in bases])
            found += [f"{path}: {function.name} raises {error}" for error in raised(function) if error not in words]
    return found


def plain(base: ast.expr) -> ast.expr:
    """`Part` of `Part[Figures]`."""
    return base.value if isinstance(base, ast.Subscript) else base


def test_what_a_public_function_raises_is_in_its_docstring():
    assert not silent({path: tree for path, tree in trees().items() if not path.startswith(COMMANDS)})


def test_every_public_function_of_the_analytics_says_what_it_computes():
    assert not [
        f"{path}: {function.name}"
        for path, tree in trees().items()
        if path.startswith(STATED)
        for function, classes in public(tree.body)
        if function.name != "__init__" and ast.get_docstring(function) is None
    ]


def test_an_error_that_is_not_named_is_found():
    text = "def f():\n    '''Raises {}.'''\n    raise ValueError('x')\n"
    assert silent({"a.py": ast.parse(text.format("LookupError"))}) == ["a.py: f raises ValueError"]
    assert not silent({"a.py": ast.parse(text.format("ValueError"))})
    base = "class A:\n    def f(self):\n        '''Raises ValueError.'''\n"
    assert not silent({"a.py": ast.parse(f"{base}class B(A[int]):\n    def f(self):\n        raise ValueError('x')\n")})
