"""docs/where.md leads to panels that exist and to figures that the state has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deskmon.model.figure_path import parse
from deskmon.plugins import panel_names

PAGE = (Path(__file__).parents[2] / "docs" / "where.md").read_text(encoding="utf-8")
SECTIONS = {part[0]: part for part in re.split(r"^## ", PAGE, flags=re.M)[1:]}
ROWS = [
    tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1])
    for line in PAGE.splitlines()
    if line.startswith("| ") and "`" in line
]
WORDS = {"o", "p", "d", "since"}
"""Keys, and an option, that a cell names besides panels."""


def test_every_section_of_the_reports_has_its_table():
    assert list(SECTIONS) == ["A", "B", "C", "D", "E"]
    assert all(section.count("\n| ") >= 10 for section in SECTIONS.values())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_figure_exists_and_each_panel_is_registered(row):
    _, panels, path = row
    (figure,) = re.findall(r"`([^`]+)`", path)
    assert parse(figure).text == figure
    named = set(re.findall(r"`([^`]+)`", panels))
    assert named & {*panel_names()} and named <= {*panel_names(), *WORDS}


def test_the_example_prints_what_the_page_says():
    (example,) = re.findall(r"--only (\S+)", PAGE)
    assert [parse(path).is_number for path in example.split(",")] == [True, True]
