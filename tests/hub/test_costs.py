"""What costs more the longer a desk runs, found in the source: a test that measures time would not be stable."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for folder in ("deskmon", "feeds", "widgets") for path in (ROOT / folder).rglob("*.py"))


def oldest_keys_by_walking(text):
    """Lines that take the first key out of a dict: `del d[next(iter(d))]` and `d.pop(next(iter(d)))`.

    A dict that is used as a queue walks over the keys deleted before: with 20,000 held, 4 µs and more for each.
    """

    def first_of(node):
        return (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) == "next"
            and isinstance(node.args[0], ast.Call)
            and ast.unparse(node.args[0].func) == "iter"
        )

    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Delete):
            taken = [target.slice for target in node.targets if isinstance(target, ast.Subscript)]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "pop":
            taken = node.args[:1]
        else:
            continue
        found += [node.lineno for one in taken if first_of(one)]
    return found


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("del held[next(iter(held))]", [1]),
        ("x = 1\nself._ids.pop(next(iter(self._ids)), None)", [2]),
        ("held.popitem(last=False)\nfirst = next(iter(held), None)", []),
    ],
)
def test_a_dict_used_as_a_queue_is_recognised(text, lines):
    assert oldest_keys_by_walking(text) == lines


def test_what_forgets_its_oldest_first_is_an_ordered_dict():
    assert len(SOURCES) > 100
    found = {str(path.relative_to(ROOT)): oldest_keys_by_walking(path.read_text()) for path in SOURCES}
    assert {path: lines for path, lines in found.items() if lines} == {}
