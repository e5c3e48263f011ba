"""What authors may import is small, listed and explained."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from types import ModuleType

from deskmon import api, components

MODULES = [
    api,
    *(
        importlib.import_module(f"{components.__name__}.{info.name}")
        for info in pkgutil.iter_modules(components.__path__)
    ),
]
NAMES = [(module, name) for module in MODULES for name in module.__all__]


def explained(module: ModuleType, name: str) -> bool:
    """Whether a public name says what it is: by its own docstring, or by the string below it where it is a constant."""
    value = inspect.unwrap(getattr(module, name))  # what a cache keeps is a function still
    if isinstance(value, ModuleType):
        return bool(value.__doc__)
    if inspect.isfunction(value) or (inspect.isclass(value) and value.__module__.startswith("deskmon")):
        words = (vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__) or ""
        return bool(words) and not words.startswith(f"{name}(")
    return explained_constant(module, name)


def explained_constant(module: ModuleType, name: str) -> bool:
    tree = ast.parse(inspect.getsource(module))
    for node, below in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(node, ast.ImportFrom) and any((alias.asname or alias.name) == name for alias in node.names):
            return explained_constant(importlib.import_module(node.module or ""), name)
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and bool(below.value.value)
    raise AssertionError(f"{module.__name__} has no {name}")


def test_every_public_name_is_explained():
    assert not [f"{module.__name__}.{name}" for module, name in NAMES if not explained(module, name)]


def test_what_every_author_needs_is_at_most_sixty_names():
    assert len(api.__all__) <= 60
    assert api.__all__ == sorted(api.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
