"""Dealers' gamma around the price, by strikes, under the assumption that the desk states."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon import format as fmt
from deskmon.components.options import dollars
from deskmon.model.figures import OptionsFigure, StrikeFigure
from deskmon.report.content import Block, Cell, Inline, Paragraph, Table
from deskmon.report.phrases import path_of
from deskmon.report.reading import Reading, says, together
from deskmon.report.sections.market_phrases import also

ASSUMPTIONS = {
    "naive": "if dealers are long calls and short puts",
    "flow": "if dealers took the other side of the flow",
}
REACH = 0.15
"""How far from the nearest forward strikes are told."""
SMALL = 0.05
"""A strike with less than this part of the largest exposure there is has no side."""
NAMED = 4
"""Strikes that are named at most."""


def written(reading: Reading, asset: str, figure: OptionsFigure) -> list[Block | None]:
    """The exposure as a whole, then strike by strike near the nearest forward."""
    strikes = _near(reading, asset, figure)
    return [together(_whole(reading, asset, figure), _around(reading, asset, figure, strikes),
                     _interest(reading, asset, figure, strikes)), _table(reading, asset, strikes)]  # fmt: skip


def _near(reading: Reading, asset: str, figure: OptionsFigure) -> list[StrikeFigure]:
    """The strikes near the nearest forward, the lowest first."""
    forward = figure.nearest_forward
    if forward is None:
        return []
    held = reading.model.options.strikes(asset, reading.end)
    return [each for each in held if abs(each.strike / forward - 1) <= REACH]


def _whole(reading: Reading, asset: str, figure: OptionsFigure) -> Paragraph | None:
    exposure = reading.figure(path_of("options", asset, "gex_usd"), lambda usd: fmt.amount(usd, plus=True))
    side = "short" if (figure.gex_usd or 0.0) < 0 else "long"
    flip = also("; the sign changes at ", reading.figure(path_of("options", asset, "gex_flip"), dollars))
    assumed = ASSUMPTIONS.get(figure.gex_assumption, figure.gex_assumption)
    return says(f"Dealers of {asset} options are {side} gamma, {assumed}: ", exposure, " dollars per 1%", *flip, ".")


def _around(reading: Reading, asset: str, figure: OptionsFigure, strikes: Sequence[StrikeFigure]) -> Paragraph | None:
    """The run of strikes of one side at the price."""
    forward = figure.nearest_forward
    run = [] if forward is None else run_at(strikes, forward)
    if not run:
        return None
    parts: list[Inline] = []
    for each in sorted(run, key=lambda strike: -abs(strike.gex_usd))[:NAMED]:
        words = f"{dollars(each.strike)} ({fmt.amount(each.gex_usd, plus=True)})"
        parts += [", " if parts else "", reading.derived(path_of("options", asset, "gex_usd"), words)]
    low, high, side = dollars(run[0].strike), dollars(run[-1].strike), "long" if run[0].gex_usd > 0 else "short"
    at = f"at {low}" if len(run) == 1 else f"from {low} to {high}"
    return says(
        f"Around the forward of {dollars(forward)} {asset} dealers are {side} gamma {at}, most at ", *parts, "."
    )


def run_at(strikes: Sequence[StrikeFigure], forward: float) -> list[StrikeFigure]:
    """The strikes in a row, the lowest first, at which exposure has the sign of that at `forward`; those with little of
    it are passed over. Nothing where no strike has any."""
    most = max((abs(each.gex_usd) for each in strikes), default=0.0)
    weighty = [each for each in strikes if abs(each.gex_usd) >= SMALL * most > 0]
    if not weighty:
        return []
    first = last = min(range(len(weighty)), key=lambda place: abs(weighty[place].strike - forward))
    is_long = weighty[first].gex_usd > 0
    while first > 0 and (weighty[first - 1].gex_usd > 0) == is_long:
        first -= 1
    while last < len(weighty) - 1 and (weighty[last + 1].gex_usd > 0) == is_long:
        last += 1
    return weighty[first : last + 1]


def _interest(reading: Reading, asset: str, figure: OptionsFigure, strikes: Sequence[StrikeFigure]) -> Paragraph | None:
    """Where the most calls above and the most puts below the price are open."""
    forward = figure.nearest_forward
    if forward is None:
        return None
    calls = _most(reading, asset, "call", [(each.strike, each.call_oi) for each in strikes if each.strike > forward])
    puts = _most(reading, asset, "put", [(each.strike, each.put_oi) for each in strikes if each.strike < forward])
    return together(
        says(f"Above the forward the open interest in calls of {asset} is largest at ", *calls, ".") if calls else None,
        says(f"Below the forward the open interest in puts of {asset} is largest at ", *puts, ".") if puts else None,
    )


def _most(reading: Reading, asset: str, kind: str, held: Sequence[tuple[float, float]]) -> list[Inline]:
    parts: list[Inline] = []
    for strike, coins in sorted((each for each in held if each[1]), key=lambda each: (-each[1], each[0]))[:NAMED]:
        path = path_of("options", asset, "put_call_oi")
        parts += [", " if parts else "", reading.derived(path, f"{dollars(strike)} ({fmt.amount(coins)} {kind}s)")]
    return parts


def _table(reading: Reading, asset: str, strikes: Sequence[StrikeFigure]) -> Table | None:
    path = path_of("options", asset, "gex_usd")
    rows: list[list[Cell]] = [
        [
            [dollars(each.strike)], [reading.derived(path, fmt.amount(each.call_oi))],
            [reading.derived(path, fmt.amount(each.put_oi))],
            [reading.derived(path, fmt.amount(each.gex_usd, plus=True))],
        ]
        for each in reversed(strikes)
    ]  # fmt: skip
    caption = f"Strikes of {asset} near the forward: open interest, and dealers' gamma in dollars per 1% (− is short)"
    return Table(caption, ("strike", "calls", "puts", "gamma"), rows) if rows else None
