"""What moved: each asset over the stretch and the week, its extremes, and since when there was the like."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon.model import Model
from deskmon.report.content import Block
from deskmon.report.reading import Reading, says, together


def tracked(model: Model, assets: Sequence[str]) -> list[str]:
    """Prices on the way."""
    return [f"prices.{asset}.last" for asset in assets]


def write(reading: Reading) -> list[Block]:
    """A paragraph for each asset."""
    told = (_told(reading, asset) for asset in reading.assets)
    return [paragraph for paragraph in told if paragraph is not None]


def _told(reading: Reading, asset: str) -> Block | None:
    last = f"prices.{asset}.last"
    return together(
        says(f"{asset} stands at ", reading.figure(last), ", after ", reading.then(last), " at the start."),
        says("Over seven days it changed by ", reading.figure(f"prices.{asset}.change_pct.7d"), "."),
    )
