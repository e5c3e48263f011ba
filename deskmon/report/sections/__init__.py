"""The sections of a report, in the order in which they stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from deskmon.model import Model
from deskmon.report.content import Block, Paragraph
from deskmon.report.reading import Reading
from deskmon.report.sections import (
    chain,
    coverage,
    depth,
    flows,
    headlines,
    holders,
    levels,
    leverage,
    liquidations,
    macro,
    options,
    prices,
    scenarios,
)


class SectionKind(NamedTuple):
    """A section by its `name`: its title, the paths that it needs on the way from start to end, given the model there
    and the assets, and what it says. Where nothing can be said, `write` gives no block, and `unknown` stands there.
    `lead`: what of it stands in the summary; its first sentences where None."""

    name: str
    title: str
    tracked: Callable[[Model, Sequence[str]], Sequence[str]]
    write: Callable[[Reading], Sequence[Block]]
    unknown: str
    lead: Callable[[Reading], Paragraph | None] = lambda reading: None


SECTIONS: tuple[SectionKind, ...] = (
    SectionKind("prices", "What moved", prices.tracked, prices.write, "No price is known.", prices.lead),
    SectionKind(
        "liquidations", "Liquidations", liquidations.tracked, liquidations.write, "No liquidation was heard of."
    ),
    SectionKind("leverage", "Funding and open interest", leverage.tracked, leverage.write, "Neither is known."),
    SectionKind("depth", "Depth of books", depth.tracked, depth.write, "No order book is known."),
    SectionKind("options", "Options", options.tracked, options.write, "No option chain is known."),
    SectionKind("flows", "Flows of funds", flows.tracked, flows.write, "No flow of a fund is known."),
    SectionKind("holders", "Holders", holders.tracked, holders.write, "No holding of a treasury or a fund is known."),
    SectionKind("chain", "On-chain", chain.tracked, chain.write, "No figure from a chain is known."),
    SectionKind("macro", "Around the market", macro.tracked, macro.write, "Nothing around the market is known."),
    SectionKind("levels", "Levels", levels.tracked, levels.write, "No level is known."),
    SectionKind("scenarios", "Scenarios", scenarios.tracked, scenarios.write, "No scenario is configured."),
    SectionKind("headlines", "Headlines", headlines.tracked, headlines.write, "No headline is known."),
    SectionKind("coverage", "Coverage of the data", coverage.tracked, coverage.write, "Nothing is known of the data."),
)
