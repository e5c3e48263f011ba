"""Flows of funds: the day, the week and the month, how many in a row had one sign, what the funds hold and paid."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from deskmon.clock import DAY
from deskmon.components.flow_periods import by_period
from deskmon.components.flows import day_ms, flow_extreme
from deskmon.components.since import flow_words
from deskmon.model import Model
from deskmon.model.figures import FlowDay, FlowFigure, Since
from deskmon.report.content import Block, Inline, Paragraph
from deskmon.report.extremes import extreme_words
from deskmon.report.phrases import listed, path_of, share, signed_percent, signed_usd, usd
from deskmon.report.reading import Reading, says, together
from deskmon.report.sections import flow_tables
from deskmon.report.sections.market_phrases import day

WEEK = 7 * DAY
ENOUGH = 3
"""Weeks, months or runs from which on it is worth a word how the newest stands among them."""
TOO_NEAR = {"week": 14 * DAY, "month": 62 * DAY}
"""Since the period before, or the one before that in part (ms): no word about what is extreme."""


def tracked(model: Model, assets: Sequence[str]) -> list[str]:
    """Nothing: the model keeps each day."""
    return []


def write(reading: Reading) -> list[Block]:
    """For each asset with funds its sentences and days; then all assets side by side."""
    known = reading.model.flows.figures(reading.end)
    blocks: list[Block | None] = []
    for asset in reading.assets:
        if asset in known:
            blocks += [_told(reading, asset, known[asset]), *flow_tables.of_asset(reading, asset, known[asset])]
        else:
            reading.lacks(path_of("flows", asset, "day_usd"), f"no fund of {asset} told a flow")
    told = [asset for asset in reading.assets if asset in known]
    blocks += [_both(reading, {asset: known[asset] for asset in told[:2]}), flow_tables.of_assets(reading, told)]
    return [block for block in blocks if block is not None]


def _told(reading: Reading, asset: str, figure: FlowFigure) -> Paragraph | None:
    history = reading.model.flows.history(asset)
    return together(
        _day(reading, asset, figure),
        _unreported(asset, figure),
        _week(reading, asset, figure, by_period(history, "week")),
        _month(reading, asset, figure),
        _days_in_a_row(reading, asset, figure),
        _weeks_in_a_row(reading, asset, figure, history),
        _assets(reading, asset),
        _cost(reading, asset),
    )


def _day(reading: Reading, asset: str, figure: FlowFigure) -> Paragraph | None:
    net = reading.figure(path_of("flows", asset, "day_usd"), signed_usd)
    parts: list[Inline | None] = [f"{asset} funds had a net flow of ", net, f" on {day(day_ms(figure.date))}"]
    earlier = figure.week_usd - figure.day_usd
    if figure.date > _monday(figure.date) and earlier:
        parts += [", after ", reading.derived(path_of("flows", asset, "week_usd"), signed_usd(earlier))]
        parts.append(" earlier in the week")
    if extreme := flow_extreme(figure):
        parts += [": the ", reading.derived(path_of("flows", asset, "since"), extreme)]
    return says(*parts, ".")


def _unreported(asset: str, figure: FlowFigure) -> Paragraph | None:
    """Which funds the day lacks, and whether its sums may change."""
    late = [fund for fund, flow in figure.funds.items() if flow.expected and not flow.reported]
    if late:
        have = "has" if len(late) == 1 else "have"
        return says(
            f"{figure.reported} of {figure.expected} expected {asset} funds reported that day: "
            f"{listed(late)} {have} not, so its sums are not whole."
        )
    return says("These sums are preliminary.") if figure.preliminary else None


def _week(reading: Reading, asset: str, figure: FlowFigure, weeks: Sequence[FlowDay]) -> Paragraph | None:
    path, monday = path_of("flows", asset, "week_usd"), _monday(figure.date)
    parts: list[Inline | None] = [f"{asset} funds sum to ", reading.figure(path, signed_usd)]
    parts.append(f" in the week from {day(day_ms(max(monday, figure.first)))} on")
    before = [week for week in weeks if week.date < monday]
    if before and day_ms(monday) - day_ms(before[-1].date) == WEEK:
        parts += [", after ", reading.derived(path, signed_usd(before[-1].usd)), " in the week before"]
    parts += _standing(reading, path_of("flows", asset, "week_since"), figure.week_since, figure.week_usd, "weekly")
    return says(*parts, ".")


def _month(reading: Reading, asset: str, figure: FlowFigure) -> Paragraph | None:
    first = f"{figure.date[:7]}-01"
    if figure.first > first:
        reading.lacks(path_of("flows", asset, "month_usd"), f"flows of {asset} funds are known from {figure.first} on")
        return says(f"Flows of {asset} funds are known from {figure.first} on: no sum of the month.")
    net = reading.figure(path_of("flows", asset, "month_usd"), signed_usd)
    parts: list[Inline | None] = [f"In the month from {day(day_ms(first))} on {asset} funds sum to ", net]
    parts += _standing(reading, path_of("flows", asset, "month_since"), figure.month_since, figure.month_usd, "monthly")
    return says(*parts, ".")


def _days_in_a_row(reading: Reading, asset: str, figure: FlowFigure) -> Paragraph | None:
    count = reading.figure(path_of("flows", asset, "streak"), _count)
    if count is None or figure.streak is None or abs(figure.streak) < 2:
        return None
    net = reading.figure(path_of("flows", asset, "streak_usd"), signed_usd)
    kind = _kind(figure.streak)
    return says(f"{asset} funds had net {kind} ", count, " business days in a row, ", net, " together.")


def _weeks_in_a_row(reading: Reading, asset: str, figure: FlowFigure, history: Sequence[FlowDay]) -> Paragraph | None:
    net_usd = figure.week_streak_usd
    if figure.week_streak is None or abs(figure.week_streak) < 2 or net_usd is None:
        return None
    count = reading.figure(path_of("flows", asset, "week_streak"), _count)
    net = reading.figure(path_of("flows", asset, "week_streak_usd"), signed_usd)
    weeks = by_period([each for each in history if each.date <= (figure.whole_date or figure.date)], "week")
    run = list(takewhile(lambda week: week.usd * net_usd > 0, reversed(weeks)))
    parts: list[Inline | None] = [f"{asset} funds had net {_kind(figure.week_streak)} ", count, " weeks in a row"]
    parts += [f" since {run[-1].date}, "] if run else [", "]
    parts += [net, " together"]
    path = path_of("flows", asset, "week_streak_since")
    parts += _standing(reading, path, figure.week_streak_since, net_usd, "run of weekly", "run")
    return says(*parts, ".")


def _standing(
    reading: Reading, path: str, since: Since | None, net: float, of: str, unit: str = ""
) -> list[Inline | None]:
    """Since when there was no week, month or run like it, where there are enough to compare with."""
    if since is None or since.n < ENOUGH:
        return []
    unit = unit or of.removesuffix("ly")
    if since.last is not None and reading.end - since.last < TOO_NEAR.get(unit, 0):
        return []
    words = extreme_words(since, flow_words(net, of), unit)
    return [": the ", reading.derived(path, words)]


def _assets(reading: Reading, asset: str) -> Paragraph | None:
    held = reading.figure(path_of("flows", asset, "aum_usd"), usd)
    if held is None:
        return None
    part = reading.figure(path_of("flows", asset, "aum_share"), share)
    cap = reading.figure(path_of("metrics", f"market_cap_{asset.lower()}", "value"), usd)
    whole = says(
        f"{asset} funds have assets of ", held, ", ", part, f" of {asset}'s market capitalisation of ", cap, "."
    )
    return whole or says(f"{asset} funds have assets of ", held, ".")


def _cost(reading: Reading, asset: str) -> Paragraph | None:
    paid = reading.figure(path_of("flows", asset, "average_cost"), lambda cost: f"{cost:,.0f}")
    gain = reading.figure(path_of("flows", asset, "unrealised_usd"), signed_usd)
    percent = reading.figure(path_of("flows", asset, "unrealised_pct"), signed_percent)
    return says(f"{asset} funds paid an average cost of ", paid, " a coin: unrealised, ", gain, " (", percent, ").")


def _both(reading: Reading, figures: dict[str, FlowFigure]) -> Paragraph | None:
    """The first two assets together, where they reported the same day."""
    if len(figures) < 2 or len({figure.date for figure in figures.values()}) > 1:
        return None
    net = signed_usd(sum(figure.day_usd for figure in figures.values()))
    date = next(iter(figures.values())).date
    path = path_of("flows", next(iter(figures)), "day_usd")
    return says(
        f"{listed(list(figures))} funds together had a net flow of ", reading.derived(path, net),
        f" on {day(day_ms(date))}.",
    )  # fmt: skip


def _monday(date: str) -> str:
    return by_period([FlowDay(date=date, usd=0.0, reported=0, preliminary=False)], "week")[0].date


def _count(value: float) -> str:
    return str(abs(int(value)))


def _kind(streak: int) -> str:
    return "inflows" if streak > 0 else "outflows"
