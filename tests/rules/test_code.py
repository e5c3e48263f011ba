"""Rules of CONTRIBUTING.md that neither ruff nor import-linter knows: who may catch everything, and who reads the wall
clock or chance."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

CATCHES_ALL = {
    "deskmon/background.py": "work that nobody waits for: a fault is named in the log",
    "deskmon/delivery/daemon_thread.py": "a library that sends to a hundred services: a fault is a try that failed",
    "deskmon/desk/host.py": "the guard around panels: a fault costs the panel's cell",
    "deskmon/hub/findings.py": "a search in the hub's loop: the screen tells the fault of a search",
    "deskmon/hub/playback.py": "the player of timelines, while one is opened and while it is played",
    "deskmon/hub/running.py": "what a feed does when it is made or ended, and the `repr` of what it emits, may raise",
    "deskmon/hub/supervisor.py": "the supervisor of feeds, while one is made and while it runs",
    "deskmon/hub/worker.py": "the process that a feed may have of its own",
    "deskmon/plugins.py": "the loader of plug-ins: a stranger's module may raise anything",
}
"""Files that may catch `Exception` or `BaseException` for good, and what may raise anything there."""

WALL = {"time", "time_ns", "now", "utcnow", "today"}
READS_WALL = {"deskmon/clock.py"}
CHANCE = {"random", "randrange", "randint", "choice", "choices", "shuffle", "uniform", "gauss", "sample", "seed"}


@cache
def trees() -> dict[str, ast.Module]:
    """What is shipped, by path from the root."""
    files = [path for folder in ("deskmon", "feeds", "widgets", "themes") for path in (ROOT / folder).rglob("*.py")]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(files)}


def catches_all(tree: ast.AST) -> bool:
    """Whether a handler takes whatever is raised, and doesn't raise it again at its end."""
    handlers = (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler))
    return any(
        not {"Exception", "BaseException"}.isdisjoint(caught(handler)) and not raises_again(handler)
        for handler in handlers
    )


def raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def caught(handler: ast.ExceptHandler) -> Iterator[str]:
    if handler.type is None:
        yield "BaseException"
    elif isinstance(handler.type, ast.Tuple):
        yield from (each.id for each in handler.type.elts if isinstance(each, ast.Name))
    elif isinstance(handler.type, ast.Name):
        yield handler.type.id


def calls_of(tree: ast.AST, modules: set[str], names: set[str]) -> list[int]:
    """Lines on which one of the functions is called by the name of its module or class."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in modules
        and node.func.attr in names
    ]


def test_everything_is_caught_where_anything_may_be_raised_and_nowhere_else():
    assert {path for path, tree in trees().items() if catches_all(tree)} == CATCHES_ALL.keys()


@pytest.mark.parametrize(
    "handler", ["except Exception", "except BaseException as e", "except", "except (OSError, Exception)"]
)
def test_a_handler_of_everything_is_found(handler):
    assert catches_all(ast.parse(f"try:\n    f()\n{handler}:\n    pass\n"))
    assert not catches_all(ast.parse(f"try:\n    f()\n{handler}:\n    undo()\n    raise\n"))
    assert not catches_all(ast.parse("try:\n    f()\nexcept (OSError, ValueError):\n    pass\n"))


def test_the_wall_clock_is_read_in_one_file():
    reads = {path for path, tree in trees().items() if calls_of(tree, {"time", "datetime", "date"}, WALL)}
    assert reads == READS_WALL


def test_chance_comes_from_a_generator_that_is_passed_in():
    assert not {path: found for path, tree in trees().items() if (found := calls_of(tree, {"random"}, CHANCE))}
