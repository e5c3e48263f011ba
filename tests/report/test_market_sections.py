"""What the sections of the market say of markets of any kind: nothing that isn't known, and never nothing."""

from __future__ import annotations

import re

import pytest

from deskmon import format as fmt
from deskmon.model.figure_path import parse
from deskmon.report.content import Chart, Figure, Paragraph, Table
from deskmon.report.sections import SECTIONS
from deskmon.samples import KINDS, NOW
from tests.markets import sample
from tests.report.told import MARKET, blocks_of, sentences

NAMES = tuple(MARKET)
ASSETS = ("BTC", "ETH", "NOSUCH")


@pytest.mark.parametrize("market", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_a_section_says_only_what_is_known_and_keeps_the_rest(name, market):
    blocks, absent = blocks_of(MARKET[name], sample(market), NOW, ASSETS)
    told = sentences(blocks)
    assert not re.search(rf"\bNone\b|\bnan\b|\binf\b|{fmt.UNKNOWN}", told), told
    assert all(parse(each.path) and each.why for each in absent)
    if market == "empty":
        assert [block for block in blocks if not isinstance(block, Paragraph)] == [] and absent
    if market == "full":
        assert told and not told.endswith(" ")
    assert any("NOSUCH" in f"{each.path} {each.why}" for each in absent) or name == "liquidations"


@pytest.mark.parametrize("market", ("one", "full", "odd", "stale"))
@pytest.mark.parametrize("name", NAMES)
def test_rows_are_as_wide_as_their_heads_and_figures_have_a_place_in_the_state(name, market):
    blocks, _ = blocks_of(MARKET[name], sample(market), NOW, ASSETS)
    for block in blocks:
        if isinstance(block, Table):
            assert block.caption and block.rows
            assert {len(row) for row in block.rows} == {len(block.head)}, block.caption
        lines = [block.parts] if isinstance(block, Paragraph) else []
        lines += [cell for row in block.rows for cell in row] if isinstance(block, Table) else []
        figures = [part for line in lines for part in line if isinstance(part, Figure)]
        assert all(parse(figure.path) and figure.words not in ("", fmt.UNKNOWN) for figure in figures)
        if isinstance(block, Chart):
            assert block.lines and all(parse(line.path) and len(line.points) for line in block.lines), block.caption


def test_each_section_of_a_market_without_anything_has_words():
    assert all(kind.unknown.endswith(".") for kind in SECTIONS)
    assert {name for name in NAMES if blocks_of(MARKET[name], sample("empty"), NOW, ())[0]} <= {"liquidations"}
