"""docs/context.md names every source as the feed asks it."""

from __future__ import annotations

from pathlib import Path

from deskmon.feeds.context.catalogue import SOURCES
from deskmon.feeds.context.document import markdown

PAGE = Path(__file__).parents[2] / "docs" / "context.md"


def test_the_page_has_the_table_of_the_feed():
    assert markdown() in PAGE.read_text(encoding="utf-8")


def test_every_source_says_what_it_tells_in_which_unit_how_often_and_on_which_terms():
    for source in SOURCES.values():
        assert source.tells and source.period_s >= 300
        assert all(address.licence and (address.urls or source.name == "calendar") for address in source.addresses)
        assert all(url.startswith("https://") for address in source.addresses for url in address.urls)
