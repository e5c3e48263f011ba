"""Configurations that nobody writes by hand: whatever a parser raises is a finding, and much of it costs little."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from deskmon.colours.theme import load_theme
from deskmon.config.findings import MOST, Findings
from deskmon.config.findings import Path as Place
from deskmon.config.layouts import with_layout
from deskmon.config.loading import ConfigReport, examine
from deskmon.config.schema import Cell, Layout
from deskmon.config.toml import NotToml, parse
from deskmon.desk.keys import ALL_KEYS
from deskmon.errors import DeskError

DIGITS = "9" * 5_000


def report(tmp_path: Path, text: str, *sets: str) -> ConfigReport:
    path = tmp_path / "desk.toml"
    path.write_text(text, encoding="utf-8")
    return examine(path, sets, desk_keys=ALL_KEYS)


@pytest.mark.parametrize("number", [DIGITS, f"-{DIGITS}", f"0x{DIGITS}", f"[1, {{ a = {DIGITS} }}]", str(2**63)])
def test_a_number_that_toml_does_not_have_is_a_finding(tmp_path: Path, number: str) -> None:
    found = report(tmp_path, f"[desk]\nfps = {number}\n")
    assert found.loaded is None and all(len(str(problem)) < 300 for problem in found.problems)
    assert "not valid TOML" in str(found.problems[0])
    with pytest.raises(NotToml):
        with_layout(f"[desk]\nfps = {number}\n", "work", Layout(cells=(Cell(panel="tape"),)))
    theme = tmp_path / "own.toml"
    theme.write_text(f"title = {number}\n")
    with pytest.raises(DeskError, match=r"own\.toml"):
        load_theme(theme)


def test_a_byte_order_mark_of_another_system_is_no_fault(tmp_path: Path) -> None:
    found = report(tmp_path, '\ufeff[desk]\nname = "north"\n')
    assert found.loaded is not None and found.loaded.config.desk.name == "north"


def test_the_largest_numbers_of_toml_are_read() -> None:
    assert parse(f"a = {2**63 - 1}\nb = {-(2**63)}") == {"a": 2**63 - 1, "b": -(2**63)}


def test_a_number_of_thousands_of_digits_on_the_command_line_is_a_text_where_a_number_is_due(tmp_path: Path) -> None:
    found = report(tmp_path, "", f"desk.fps={DIGITS}")
    assert found.loaded is None and "expected a number" in str(found.problems[0])


def test_what_nobody_reads_is_counted_and_judged_at_the_cost_of_one_look(tmp_path: Path) -> None:
    """A hundred thousand unknown keys: nearest names are sought for those that are told."""
    found = report(tmp_path, "[desk]\n" + "".join(f"key{number} = 1\n" for number in range(20_000)))
    assert (len(found.problems), found.more) == (MOST, 20_000 - MOST)


def test_cells_on_one_place_are_one_finding_each(tmp_path: Path) -> None:
    """Each names the first that it meets, so their number grows with the cells and not with their square."""
    cells = '[[layouts.big.cells]]\npanel = "prices"\n' * 150
    found = report(tmp_path, f"[layouts.big]\n{cells}")
    assert [problem.message for problem in found.problems] == ['overlaps cells[0] ("prices")'] * 149


def test_a_layout_of_more_panels_than_any_terminal_has_room_for_is_refused(tmp_path: Path) -> None:
    cells = '[[layouts.big.cells]]\npanel = "prices"\n' * 5_000
    found = report(tmp_path, f"[layouts.big]\n{cells}")
    assert any("length <= 500" in problem.message for problem in found.problems)


def test_whether_a_place_is_clean_is_asked_of_the_place_and_not_of_all_findings() -> None:
    findings = Findings()
    for number in range(3 * MOST):
        findings.error(("layouts", "a", "cells", number), "wrong")
    places: dict[Place, bool] = {
        (): False, ("layouts",): False, ("layouts", "a", "cells", 3 * MOST - 1): False, ("desk",): True,
        ("layouts", "a", "cells", 0, "row"): False, ("layouts", "b"): True, ("layouts", "a", "cells", 3 * MOST): True,
    }  # fmt: skip
    assert {place: findings.clean(*place) for place in places} == places
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    findings.warn(("desk",), "x" * 10_000)
    assert tracemalloc.get_traced_memory()[0] - before < 5_000, "what isn't told isn't kept"
    tracemalloc.stop()


def test_an_unknown_table_is_blamed_on_the_file_and_line_that_it_stands_in(tmp_path: Path) -> None:
    shared = tmp_path / "shared.toml"
    shared.write_text("\n[alarms]\na = 1\n")
    found = report(tmp_path, f'extends = "{shared.name}"\n\n[bogus]\nb = 1\n')
    assert {(problem.where, problem.key) for problem in found.problems} == {
        (f"{tmp_path / 'desk.toml'}:3", "bogus"),
        (f"{shared}:2", "alarms"),
    }


NEWER = '[desk]\nname = "north"\nglow = 4\n[bogus]\na = 1\n[feeds.x]\ntype = "demo"\nshiny = 3\n'


def test_a_file_for_a_newer_deskmon_is_used_without_what_nobody_knows_here(tmp_path: Path) -> None:
    found = report(tmp_path, f"version = 2\n{NEWER}")
    assert found.loaded is not None
    assert found.loaded.config.desk.name == "north"
    assert found.loaded.config.feeds["x"].options == {}
    assert [(problem.severity, problem.key) for problem in found.problems] == [
        ("warning", "desk.glow"), ("warning", "bogus"), ("warning", "feeds.x.shiny")
    ]  # fmt: skip
    assert report(tmp_path, f"version = 1\n{NEWER}").loaded is None


def test_a_newer_file_that_is_wrong_otherwise_is_refused(tmp_path: Path) -> None:
    found = report(tmp_path, "version = 9\n[desk]\nglow = 1\nfps = -1\n")
    assert found.loaded is None
    assert [problem.severity for problem in found.problems] == ["warning", "error"]
