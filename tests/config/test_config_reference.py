"""docs/config.md and the JSON Schema say what the schema says."""

from __future__ import annotations

from pathlib import Path

import msgspec

from deskmon.config.reference import json_schema, markdown
from deskmon.config.schema import Config

PAGE = Path(__file__).parents[2] / "docs" / "config.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(), "write it again: deskmon.config.reference.markdown()"


def test_every_key_has_a_description() -> None:
    for table in msgspec.structs.fields(Config):
        kind = table.type
        for field in msgspec.structs.fields(kind) if isinstance(kind, type) else ():
            assert f"| `{field.name}` |" in markdown()
    assert "|  |" not in markdown()


def test_the_json_schema_leaves_options_of_feeds_to_their_plugins() -> None:
    feed = json_schema()["$defs"]["FeedConfig"]
    assert feed["required"] == ["type"]
    assert feed["additionalProperties"] is True
    assert "options" not in feed["properties"]
    msgspec.json.encode(json_schema())
