"""Leverage: what funding costs by venue, and how much interest is open, from its peak and of the capitalisation."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon.model import Model
from deskmon.report.content import Block
from deskmon.report.phrases import path_of
from deskmon.report.reading import Reading
from deskmon.report.sections import funding_told, interest_told
from deskmon.report.sections.market_phrases import listed_blocks


def tracked(model: Model, assets: Sequence[str]) -> list[str]:
    """The venues' funding, its mean, and the open interest."""
    return [
        *(path_of("funding", asset, part) for asset in assets for part in ("venues", "mean_8h")),
        *(path_of("open_interest", asset, "usd") for asset in assets),
    ]


def write(reading: Reading) -> list[Block]:
    """Funding of each asset, then its open interest; then the open interest of all side by side."""
    blocks: list[Block | None] = []
    for place, asset in enumerate(reading.assets):
        blocks += funding_told.written(reading, asset, is_detailed=place < DETAILED)
        blocks += interest_told.written(reading, asset, is_detailed=place < DETAILED)
    return listed_blocks(*blocks, interest_told.side_by_side(reading))


DETAILED = 2
"""Assets that are told by venue, and drawn."""
