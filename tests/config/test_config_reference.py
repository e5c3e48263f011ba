"""docs/config.md and the JSON Schema say what the schema says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from deskmon.config.reference import alerts_markdown, json_schema, markdown
from deskmon.config.schema import Config
from tests.written import same_as_written

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(("page", "written"), [("config.md", markdown), ("alerts-config.md", alerts_markdown)])
def test_the_pages_are_up_to_date(page: str, written: Callable[[], str]) -> None:
    same_as_written(DOCS / page, written())


def test_every_key_has_a_description() -> None:
    for table in msgspec.structs.fields(Config):
        kind = table.type
        for field in msgspec.structs.fields(kind) if isinstance(kind, type) else ():
            assert f"| `{field.encode_name}` |" in markdown() + alerts_markdown()
    assert "|  |" not in markdown() + alerts_markdown()


def test_the_json_schema_leaves_options_of_feeds_to_their_plugins() -> None:
    feed = json_schema()["$defs"]["FeedConfig"]
    assert feed["required"] == ["type"]
    assert feed["additionalProperties"] is True
    assert "options" not in feed["properties"]
    msgspec.json.encode(json_schema())
