"""What every file of the project keeps to: one idea fits into 400 lines, one step of it into 60."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINES, FUNCTION_LINES = 400, 60
FOLDERS = ("benchmarks", "deskmon", "feeds", "tests", "themes", "tools", "widgets")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def long_functions(tree: ast.AST) -> list[str]:
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return [each.name for each in functions if (each.end_lineno or each.lineno) - each.lineno >= FUNCTION_LINES]


def test_every_file_and_its_functions_are_short():
    texts = {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in FILES}
    assert not [path for path, text in texts.items() if text.count("\n") > LINES]
    assert not [(path, names) for path, text in texts.items() if (names := long_functions(ast.parse(text)))]


def test_a_long_function_is_found():
    assert long_functions(ast.parse("def f():\n" + "    pass\n" * FUNCTION_LINES)) == ["f"]
    assert not long_functions(ast.parse("def f():\n" + "    pass\n" * (FUNCTION_LINES - 1)))
