"""The JSON Schema that editors read takes what the desk takes, and refuses what is plainly wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest
import tomli
from jsonschema import Draft202012Validator

from deskmon.config.loading import examine
from deskmon.config.reference import json_schema
from deskmon.config.sources import PACKAGED
from deskmon.config.starter import SCHEMA, text
from tests.written import same_as_written

ROOT = Path(__file__).parents[2]
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def refused(data: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(data)]


def examples() -> list[tuple[str, str]]:
    """(page, text) of every piece of a deskmon.toml in the documents."""
    found = []
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        for block in re.findall(r"^```toml\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            if not block.startswith("[project"):
                found.append((page.name, block))
    return found


def test_the_file_is_what_the_schema_says() -> None:
    same_as_written(SCHEMA, msgspec.json.format(msgspec.json.encode(json_schema()), indent=2).decode() + "\n")
    Draft202012Validator.check_schema(json_schema())


def test_the_packaged_default_and_the_starter_file_are_valid() -> None:
    assert refused(tomli.loads(PACKAGED.read_text(encoding="utf-8"))) == []
    taken = re.sub(r'^#(?=[a-z\["])', "", text(), flags=re.MULTILINE)
    assert refused(tomli.loads(taken)) == []


@pytest.mark.parametrize(("page", "block"), examples(), ids=lambda value: value[:20])
def test_every_documented_example_is_valid(page: str, block: str, tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text(block)
    messages = [problem.message for problem in examine(tmp_path / "desk.toml").problems]
    assert [message for message in messages if message.startswith(("unknown key", "expected", "missing"))] == []
    assert refused(tomli.loads(block)) == []


@pytest.mark.parametrize(
    ("block", "where"),
    [
        ("[desk]\nthem = 1", "$.desk"),
        ("[desk]\nfps = 99", "$.desk.fps"),
        ("[desk]\nname = 3", "$.desk.name"),
        ('[feeds.x]\nexchange = "bybit"', "$.feeds.x"),
        ("[layouts.a]\ncells = [{row = 1}]", "$.layouts.a.cells[0]"),
        ("[keys.desk]\nquit = 1", "$.keys.desk.quit"),
        ('[journal]\npath = ""', "$.journal.path"),
    ],
)
def test_what_is_plainly_wrong_is_marked_where_it_stands(block: str, where: str) -> None:
    (error,) = refused(tomli.loads(block))
    assert error.startswith(f"{where}: ")


def test_an_option_of_a_feed_and_nested_ids_of_keys_are_not_marked() -> None:
    block = '[feeds.x]\ntype = "ccxt"\nsymbols = ["BTC"]\n[keys]\n"desk.quit" = "x"\n[keys.desk]\nsort = "o"'
    assert refused(tomli.loads(block)) == []
