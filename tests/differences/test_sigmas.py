"""The σ of every figure that is compared, over a whole reconstruction, against pandas: its series by the calls that
panels use, changed and measured by pandas alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from deskmon.analytics.changes import LEAST
from deskmon.clock import DAY, HOUR, MINUTE, WINDOWS
from deskmon.events import Headline, Level
from deskmon.model import Model
from deskmon.model.differences import differences, tracked
from deskmon.testing import model_of
from tests.differences.by_pandas import Measured, Series, held, times, window_sums
from tests.markets import reconstructed

BEGIN = 1_763_700_000_000
LENGTHS = {"15m": 15 * MINUTE, "2h": 2 * HOUR, "24h": DAY}
MEASURED = {
    "15m": {"prices", "funding", "depth", "dvol", "liquidations"},
    "2h": {"prices", "open_interest", "depth", "dvol", "atm_iv", "rr25", "liquidations", "metrics"},
    "24h": {"prices", "open_interest", "depth", "dvol", "atm_iv", "rr25", "liquidations", "metrics", "flows"},
}
"""What has a σ over each length: the histories of the others are too coarse or too short there."""


def prices(model: Model, name: str, rest: list[str], now: int, length: int) -> Series:
    for timeframe, step in {"1d": DAY, "4h": 4 * HOUR, "1h": HOUR, "15m": 15 * MINUTE, "1m": MINUTE}.items():
        closes = model.candles.closes(symbol(name, model.prices.symbols), timeframe)
        if step * 4 <= length and closes:
            ended = [(min(ts + step - 1, now), close) for ts, close in closes if ts <= now]
            return held(ended, step, 3 * step, relative=True)
    raise AssertionError(f"{name} has no candles")


def funding(model: Model, name: str, rest: list[str], now: int, length: int) -> Series:
    """The mean over the venues that are known at a time, weighted by the open interest of now."""
    of = symbol(name, list(model.funding.figures(now)))
    weights = pd.Series(model.open_interest.weights(of))
    predicted = {venue: model.funding.predicted(of, venue) for venue in weights.index}
    venues = {venue: held(pairs, 0, 2 * HOUR) for venue, pairs in predicted.items() if pairs}

    def mean(at: pd.DatetimeIndex) -> pd.Series:
        rates = pd.DataFrame({venue: each.at(at) for venue, each in venues.items()})
        return (rates * weights).sum(axis=1) / (rates.notna() * weights).sum(axis=1).replace(0, np.nan)

    return Series(min(each.first for each in venues.values()), 10 * MINUTE if length < HOUR else HOUR, mean)


def open_interest(model: Model, name: str, rest: list[str], now: int, length: int) -> Series:
    of = symbol(name, model.open_interest.symbols)
    return held(model.open_interest.history([of]), HOUR, 2 * HOUR, relative=True)


def depth(model: Model, name: str, rest: list[str], now: int, length: int) -> Series:
    """In USD: the baseline is one number, so the ratio's changes in percent are the same."""
    return held(model.depth.history(symbol(name, model.depth.symbols), "1"), 10 * MINUTE, HOUR, relative=True)


def options(model: Model, name: str, rest: list[str], now: int, length: int) -> Series:
    if rest == ["dvol"]:
        if length >= DAY:
            return held(model.options.index_history(name, 0), DAY, 2 * DAY)
        return held(model.options.index_history(name, now - 8 * DAY), 5 * MINUTE, 2 * HOUR)
    field = {"30d.atm_iv": "atm_30d", "30d.rr25": "rr25_30d", "7d.rr25": "rr25_7d"}[".".join(rest[1:])]
    past = [(each.ts, getattr(each, field)) for each in model.options.skew_history(name, now)]
    return held([(ts, value) for ts, value in past if value is not None], HOUR, 2 * HOUR)


def liquidations(model: Model, name: str, rest: list[str], now: int, length: int) -> Series:
    window = rest[0]
    first, times, usd = model.liquidations.amounts(now, asset=rest[2] if rest[1] == "by_symbol" else "")
    return window_sums(times, usd, WINDOWS[window], MINUTE, first)


def metrics(model: Model, name: str, rest: list[str], now: int, length: int) -> Series:
    pairs, figure = model.metrics.history(name), model.metrics.figures(now)[name]
    step = pd.Series([ts for ts, _ in pairs]).diff().median()
    is_relative = figure.unit not in ("percent", "%", "pct") and name != "fear_greed" and min(v for _, v in pairs) > 0
    return held(
        pairs, DAY if pd.isna(step) else max(HOUR, int(step)), model.metrics.patience(name), relative=is_relative
    )


def flows(model: Model, name: str, rest: list[str], now: int, length: int) -> Series:
    days = [
        (pd.Timestamp(day.date, tz="UTC").value // 1_000_000 + DAY - 1, day.usd) for day in model.flows.history(name)
    ]
    return held(days, DAY, 5 * DAY)


BY_PANDAS: dict[str, Callable[[Model, str, list[str], int, int], Series]] = {
    each.__name__: each for each in (prices, funding, open_interest, depth, options, liquidations, metrics, flows)
}  # fmt: skip


def symbol(name: str, symbols: list[str]) -> str:
    return next(each for each in symbols if each == name or each.startswith(f"{name}/"))


@pytest.mark.parametrize("since", LENGTHS)
def test_the_sigma_of_every_figure_that_is_compared_is_that_of_pandas(since):
    market, length = reconstructed("2025-11-21"), LENGTHS[since]
    model, now, seen = market.model, market.now, set()
    figures = tracked(model, now, length)
    then = replace(market.state, at=now - length)
    for of, found in zip(figures, differences(model, now, then, figures), strict=True):
        part, name, *rest = (step.text for step in of.figure.steps)
        series = BY_PANDAS[part](model, name, rest, now, length)
        slow = series.measured(length, now) or Measured(np.nan, np.nan, 0)
        assert found.n == slow.n, found.figure
        if slow.n < LEAST or not slow.sigma:
            assert found.sigma is None, found.figure
            continue
        assert found.sigma == pytest.approx(slow.sigma), found.figure
        assert (found.change_pct is not None) == series.relative, found.figure
        if part == "liquidations":
            assert series.at(times([now])).iloc[0] == pytest.approx(found.now)
        seen.add(rest[-1] if part == "options" else part)
    assert seen == MEASURED[since]


def headline(ts: int) -> Headline:
    return Headline(ts=ts, recv=ts, text=f"at {ts}")


def level(ts: int) -> Level:
    return Level(
        ts=ts, recv=ts, symbol="BTC/USDT:USDT", id=f"at {ts}", price=2.0, low=1.0, high=3.0, kind="resistance",
        status="broken", before="holding", close=0.5, timeframe="1h", score=1.0,
    )  # fmt: skip


@given(
    gaps=st.lists(st.integers(1, HOUR), min_size=2, max_size=150), length=st.integers(MINUTE, 4 * HOUR),
    after=st.integers(0, HOUR), of=st.sampled_from([headline, level]),
)  # fmt: skip
def test_the_sigma_of_new_lines_of_the_log_is_that_of_pandas(gaps, length, after, of):
    lines = [sum(gaps[: n + 1]) + BEGIN for n in range(len(gaps))]
    now = lines[-1] + after
    model = model_of([of(ts) for ts in lines])
    counts = {each.topic: each for each in differences(model, now, replace(model.state(now), at=now - length))}
    found, since = counts["headlines" if of is headline else "levels"], now - length
    known = pd.Series(1, index=times([ts for ts in lines if ts <= since])).cumsum()
    new = sum(since < ts <= now for ts in lines)
    assert (found.now, found.change) == (new, new)
    step = max(1, length // 12)
    slow = (
        None
        if known.empty
        else Series(lines[0], step, lambda at: known.reindex(at, method="ffill")).measured(length, since)
    )
    if slow is None or slow.n < LEAST or not slow.sigma:
        assert found.sigma is None and found.sigmas is None
        return
    assert (found.n, found.sigma) == (slow.n, pytest.approx(slow.sigma))
    assert found.sigmas == pytest.approx((new - slow.mean) / slow.sigma)
