"""What every test keeps to: it can fail, it asserts nothing about durations, and it doesn't sleep in hope."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CLOCKS = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "thread_time"}
TOLD = {"until", "shows"}
"""Methods of a terminal that tell how many seconds something took."""
CHECKS = {"raises", "warns", "fail", "timeout", "check_panel", "check_feed"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(call: ast.Call) -> str:
    """The last word of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def calls(node: ast.AST) -> Iterator[ast.Call]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Call))


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def is_clock(call: ast.Call) -> bool:
    """`time.monotonic()` and its like, the time of an event loop, the wall's, or a terminal's wait."""
    of = call.func.value if isinstance(call.func, ast.Attribute) else None
    wait = name_of(call) in TOLD and isinstance(of, ast.Name) and of.id == "terminal"
    return name_of(call) in CLOCKS or wait or (name_of(call) == "time" and of is not None and not call.args)


def durations(function: Function) -> list[int]:
    """Lines of the asserts that depend on a clock, also by way of variables."""
    told: set[str] = set()

    def tells(node: ast.AST) -> bool:
        names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        return bool(names & told) or any(map(is_clock, calls(node)))

    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and tells(node.value):
            told |= {each.id for target in node.targets for each in ast.walk(target) if isinstance(each, ast.Name)}
    return [node.lineno for node in ast.walk(function) if isinstance(node, ast.Assert) and tells(node.test)]


def tautologies(function: Function) -> list[int]:
    """Lines of the asserts that hold whatever the product does: of constants, of a tuple, of a name with itself."""
    found = []
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            test = node.test
            constant = not any(isinstance(each, ast.Name | ast.Attribute) for each in ast.walk(test))
            same = isinstance(test, ast.Compare) and not any(calls(test)) and ast.dump(test.left) in map(
                ast.dump, test.comparators
            )  # fmt: skip
            if constant or same or isinstance(test, ast.Tuple) or is_known_type(test, function):
                found.append(node.lineno)
    return found


def is_known_type(test: ast.expr, function: Function) -> bool:
    """Whether the type of a class that the test itself defines is all that is asked."""
    own = {node.name for node in ast.walk(function) if isinstance(node, ast.ClassDef)}
    first = test.args[0] if isinstance(test, ast.Call) and name_of(test) == "issubclass" else None
    return isinstance(first, ast.Name) and first.id in own


def hopes(function: Function) -> list[int]:
    """Lines of the sleeps of a test that wait for something without asking for it: not in a loop, and not of 0."""
    loops = [node for node in ast.walk(function) if isinstance(node, ast.While | ast.For | ast.AsyncFor | ast.Lambda)]
    polling = {id(call) for loop in loops for call in calls(loop)}
    nested = {id(call) for inner in functions(function) if inner is not function for call in calls(inner)}
    return [
        call.lineno
        for call in calls(function)
        if name_of(call) == "sleep"
        and id(call) not in polling | nested
        and not (isinstance(call.args[0], ast.Constant) and call.args[0].value == 0)
    ]


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(ROOT.rglob("*.py"))}


@cache
def checking() -> frozenset[str]:
    """Names of functions of the tests that can fail a test, by themselves or by others that they call."""
    called: defaultdict[str, set[str]] = defaultdict(set)
    for function in (function for tree in trees().values() for function in functions(tree)):
        called[function.name] |= {name_of(call) for call in calls(function)}
        if any(isinstance(node, ast.Assert | ast.Raise) for node in ast.walk(function)):
            called[function.name].add("fail")
    found = set(CHECKS)
    while more := {name for name, names in called.items() if name not in found and names & found}:
        found |= more
    return frozenset(found)


def can_fail(function: Function) -> bool:
    return any(isinstance(node, ast.Assert) for node in ast.walk(function)) or any(
        name_of(call) in checking() for call in calls(function)
    )


def parsed(text: str) -> Function:
    return next(functions(ast.parse(text)))


def test_every_file_of_tests_keeps_to_the_rules():
    for path, function in ((path, function) for path, tree in trees().items() for function in functions(tree)):
        where = f"{path.name}:{function.name}"
        assert not durations(function), f"{where} asserts how long something took: measure that in benchmarks/"
        assert not tautologies(function), f"{where} asserts what always holds"
        if function.name.startswith("test_"):
            assert can_fail(function), f"{where} asserts nothing"
            assert not hopes(function), f"{where} sleeps: wait for what is to be seen"


@pytest.mark.parametrize(
    "line",
    [
        "assert time.monotonic() - began < 2", "took = clock.perf_counter() - began\n    assert took < 1",
        "before = loop.time()\n    assert asyncio.get_running_loop().time() - before < 5",
        "took = terminal.until('x')\n    late = took > 1\n    assert not late",
    ],
)  # fmt: skip
def test_an_assert_on_a_duration_is_found(line):
    assert durations(parsed(f"def test_it():\n    {line}"))


def test_deadlines_of_waits_and_desk_times_are_no_durations():
    assert not durations(parsed("def f():\n    end = time.monotonic() + 9\n    while time.monotonic() < end: pass"))
    assert not durations(parsed("def f():\n    assert model.now(clock.now()) < 5 and datetime.time(3) == x"))


@pytest.mark.parametrize(
    "line", ["assert True", "assert (x, 'words')", "assert {1: 2}[1] == 2", "assert a.b == a.b",
             "class A(B): ...\n    assert issubclass(A, B)"],
)  # fmt: skip
def test_an_assert_that_always_holds_is_found(line):
    assert tautologies(parsed(f"def test_it():\n    {line}"))


def test_a_test_without_an_assert_and_a_sleep_in_hope_are_found():
    assert not can_fail(parsed("def test_it():\n    print(render(panel))"))
    assert can_fail(parsed("def test_it():\n    check_panel(panel)"))
    assert hopes(parsed("async def test_it():\n    await asyncio.sleep(0.5)"))
    assert not hopes(parsed("async def test_it():\n    await asyncio.sleep(0)\n    while not x: time.sleep(0.1)"))
