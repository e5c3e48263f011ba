"""What a report is about, and how much of it the desk hears."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deskmon.assets import by_asset
from deskmon.config.findings import suggestion
from deskmon.errors import UsageError
from deskmon.model import Model
from deskmon.model.coverage import coverage
from deskmon.report.words import moment

MOST = 8
"""Assets of a report where nobody names any."""
WINDOW = "7d"
HEARD = ("full", "inferred", "polled", "sampled", "none")
"""What is heard of a venue's liquidations, the most first."""


def assets_of(model: Model, now: int, first: str) -> list[str]:
    """The market's assets, at most MOST: `first`, then those with the largest open interest, then by name."""
    interest = model.figures("open_interest", now)
    known = by_asset(model.prices.symbols)

    def place(asset: str) -> tuple[bool, float, str]:
        sums = (interest[symbol].usd for symbol in known[asset] if symbol in interest)
        return asset != first, -max((usd for usd in sums if usd is not None), default=0.0), asset

    return sorted(known, key=place)[:MOST]


def check_assets(model: Model, now: int, assets: Sequence[str]) -> None:
    """Raises UsageError for one that has neither a price nor flows of funds."""
    known = [*by_asset(model.prices.symbols), *model.figures("flows", now)]
    for asset in assets:
        if asset not in known:
            raise UsageError(f"no asset {asset!r} in this market", suggestion(asset, known))


def coverage_words(model: Model, now: int) -> Iterator[str]:
    """How much of the week's liquidations is in their totals, in sentences."""
    window = model.liquidations.window(WINDOW, now)
    if window is None or not window.by_venue:
        yield "No liquidation of the last seven days is known."
        return
    groups = {kind: [venue for venue in sorted(window.by_venue) if coverage(venue) == kind] for kind in HEARD}
    said = "; ".join(f"{kind} of {_together(venues)}" for kind, venues in groups.items() if venues)
    since = "" if window.counts_from is None else f", counted from {moment(window.counts_from)}"
    yield f"Liquidations of seven days are heard: {said}{since}."
    if window.incomplete:
        yield "The desk did not hear all the time: totals of liquidations are lower bounds."
    elif window.lower_bound:
        yield "A sampled venue tells of some orders only: totals of liquidations are lower bounds."


def _together(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
