"""The code of docs/notebooks.md and docs/export.md is run, and prints what the pages say."""

from __future__ import annotations

import json
import shlex
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import duckdb
import pytest

from deskmon.clock import MINUTE
from deskmon.past import market as past_market
from tests.commands import Run
from tests.frames.pages import examples
from tests.frames.sheet import sheet
from tests.written import same_as_written

ROOT = Path(__file__).parents[2]


def printed(code: str, names: dict[str, object]) -> str:
    """What a block of Python prints."""
    with redirect_stdout(StringIO()) as said:
        exec(compile(code, "page", "exec"), names)
    return said.getvalue()


def test_the_blocks_of_the_page_for_notebooks_print_what_stands_under_them() -> None:
    names: dict[str, object] = {}
    found = [(each, printed(each.code, names)) for each in examples("docs/notebooks.md", "python")]
    assert len(found) > 5
    for example, said in found:
        assert said.splitlines() == (example.output or "").splitlines(), example.code


@pytest.fixture
def archive(run: Run, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the page, made by its own command."""
    monkeypatch.setattr(past_market, "INTO_ENDLESS", 3 * MINUTE)
    sessions = [each.code for each in examples("docs/export.md", "") if each.code.startswith("$ deskmon export")]
    for session in sessions:
        command, *said = session.splitlines()
        shown = run(*shlex.split(command.removeprefix("$ deskmon "))).out.splitlines()
        for asked, name in ((line, line.split()[-1]) for line in said if line.startswith("$ head -3 ")):
            shown += [asked, *(elsewhere / name).read_text().splitlines()[:3]]
        assert shown == said
    return elsewhere


def test_the_queries_of_the_page_of_exports_say_what_stands_under_them(archive: Path, run: Run) -> None:
    found = list(examples("docs/export.md", "sql", "python"))
    assert {each.language for each in found} == {"sql", "python"}
    for example in found:
        if example.language == "python":
            said = printed(example.code, {})
        else:
            rows = duckdb.sql(example.code).fetchall()
            said = "".join("|".join(_cell(each) for each in row) + "\n" for row in rows)
        assert said == example.output, example.code
    state = run("state", "--demo", "--at", "+3m", "--only", "liquidations.windows.1m.by_venue")
    [of_venues] = json.loads(state.out).values()
    told = {venue: round(sums["usd"]) for venue, sums in of_venues.items()}
    [query] = [each for each in found if "group by venue" in each.code]
    assert dict(duckdb.sql(query.code).fetchall()).items() <= told.items()
    same_as_written(ROOT / "docs" / "spreadsheet.svg", sheet(archive / "week.csv", 8))


def _cell(value: object) -> str:
    return str(round(value, 2)) if isinstance(value, float) else str(value)
