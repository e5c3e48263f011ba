"""Figures of what stands around the market: flows of funds, holders, context series, headlines.

Units as in `figures`. None is unknown, and never written as 0.
"""

# Annotations are evaluated here once: as texts, msgspec would compile each of them at every start.

from typing import Literal

from deskmon.model.figure import Figure
from deskmon.model.since import Since


class FlowDay(Figure):
    """Net USD of one day, of so many funds."""

    date: str
    usd: float
    reported: int
    preliminary: bool


class FlowSums(Figure):
    """Net USD of funds up to the day `date` (YYYY-MM-DD): of that day, of five days (its own, and the four business
    days before it), of its week from Monday and of its month. `streak`: days of one sign in a row, negative for
    outflows, and their sum.
    `ts`: when the newest report was made; `aum_usd`: assets under management, None where a fund's aren't known."""

    date: str
    day_usd: float
    five_days_usd: float
    week_usd: float
    month_usd: float
    streak: int | None
    streak_usd: float | None
    aum_usd: float | None
    ts: int
    age_ms: int


class FundFlow(FlowSums):
    """One fund's, up to the newest day that it reported; `reported`: whether that is the newest day of its asset;
    `expected`: whether it is expected to report that day. `share`: of what all funds of the asset hold in coins, or,
    where coins aren't known, of their assets under management."""

    status: Literal["preliminary", "final"] | None
    source: str | None
    reported: bool
    expected: bool
    share: float | None


class FlowFigure(FlowSums):
    """All funds of an asset together, `date` the newest day that any reported.

    `reported` of `expected` funds did so, and where some are missing the day's sums aren't whole. `streak`,
    `streak_usd` and rank are therefore of `whole_date`, the newest business day that lacks no expected fund:
    `since` is that day's among the business days up to it, `week_since` that of the sum of its week so far
    among weeks (their times are Mondays). `week_streak`: weeks of one sign in a row up to its, and their
    sum. All are None where the ten newest business days lack a fund.

    `month_since`: that of the sum of its month so far among months (their times are the first). `week_streak_since`:
    that of `week_streak_usd` among all runs of weeks of one sign (their times are the last Mondays). `recent`: the
    newest 31 days that are known, the oldest first.

    `total_usd`: of all `days` known since `first`. `aum_share`: assets under management over the asset's market
    capitalisation. `coins`: what all funds hold, `average_cost` in dollars what they paid for a coin, `unrealised_usd`
    and `unrealised_pct` what that gives at the market's price: of the holder `Spot BTC ETFs`."""

    reported: int
    expected: int
    preliminary: bool
    whole_date: str | None
    whole_usd: float | None
    since: Since | None
    week_since: Since | None
    week_streak: int | None
    week_streak_usd: float | None
    week_streak_since: Since | None
    month_since: Since | None
    recent: list[FlowDay]
    first: str
    days: int
    total_usd: float
    aum_share: float | None
    coins: float | None
    average_cost: float | None
    unrealised_usd: float | None
    unrealised_pct: float | None
    funds: dict[str, FundFlow]


class HolderFigure(Figure):
    """What an entity holds of an asset, in coins, as it said at `ts`. `price` is the market's, `value_usd` what the
    coins are worth at it, `unrealised_usd` that less their cost, `share` of the asset's supply. `trade_amount`
    (negative: a sale), `trade_usd`, `trade_ts`: its newest purchase or sale, as told; `trade_last`: the time of the one
    before it of the same kind. `change_amount`: the difference between the two newest reports of one source that
    differ, made at `change_from` and `change_ts`: what was bought or sold meanwhile, inferred."""

    amount: float
    average_cost: float | None
    cost_usd: float | None
    price: float | None
    value_usd: float | None
    unrealised_usd: float | None
    unrealised_pct: float | None
    share: float | None
    note: str | None
    ts: int
    age_ms: int
    trade_amount: float | None
    trade_usd: float | None
    trade_ts: int | None
    trade_last: int | None
    change_amount: float | None
    change_from: int | None
    change_ts: int | None


class MetricPeak(Figure):
    """The highest of the daily values that are held, when it was, and the newest value below it."""

    value: float
    ts: int
    drawdown_pct: float | None


class MetricFigure(Figure):
    """The newest value of a context series and, by window `24h 3d 7d 30d ytd`, its change in units and in percent;
    `ytd` began with the year.

    `cadence_ms`: how long usually lies between two values; `stale`: several of that have gone by without one.
    `since`: how it stands among its daily values; `day_change_pct`: percent from the last value of an earlier day (on a
    Monday a session's is Friday's), and `day_since` how that stands among such changes. `market_share`: of a value in
    US dollars, its part of `total_market_cap` of its own time."""

    value: float
    unit: str | None
    source: str | None
    ts: int
    age_ms: int
    stale: bool
    cadence_ms: int | None
    change: dict[str, float | None]
    change_pct: dict[str, float | None]
    since: Since | None
    peak: MetricPeak | None
    day_change_pct: float | None
    day_since: Since | None
    market_share: float | None


class HeadlineFigure(Figure):
    text: str
    source: str | None
    url: str | None
    ts: int
    age_ms: int


class CalendarFigure(Figure):
    """What is due at `time`, `in_ms` from now: negative once it was. `soon`: within the hour."""

    time: int
    in_ms: int
    text: str
    source: str | None
    soon: bool


class CorrelationFigure(Figure):
    """Pearson's `r` of `n` pairs of daily log returns, −1 to 1; None of fewer than 20."""

    r: float | None
    n: int
