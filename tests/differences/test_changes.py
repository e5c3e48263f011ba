"""How much a figure usually changes, against pandas: the same grid, the same changes, the same standard deviation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskmon.analytics.changes import LEAST, grid, levels, usual, window_sums
from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.model.differences import tracked
from deskmon.model.histories import history
from tests.markets import reconstructed

UNTIL = 1_763_726_400_000


def by_pandas(times, values, *, length, step, hold, until, relative):
    """(mean, standard deviation, how many) of the changes of a series that is looked at on a grid."""
    steps = max(1, min(12, length // step))
    apart = length // steps
    count = (until - times[0]) // apart
    points = [until - apart * i for i in range(count, -1, -1)]
    series = pd.Series(values, index=pd.to_datetime(times, unit="ms"))
    seen = series.reindex(pd.to_datetime(points, unit="ms"), method="ffill", tolerance=pd.Timedelta(hold, "ms"))
    changes = seen.pct_change(steps, fill_method=None) * 100 if relative else seen.diff(steps)
    changes = changes.replace([np.inf, -np.inf], np.nan).dropna()
    return changes.mean(), changes.std(), len(changes)


@settings(deadline=None)
@given(
    gaps=st.lists(st.integers(1, 400), min_size=2, max_size=120),
    seed=st.integers(0, 2**32 - 1),
    length=st.integers(1, 600), step=st.integers(1, 60), hold=st.integers(1, 500), after=st.integers(0, 300),
    relative=st.booleans(),
)  # fmt: skip
def test_sigma_is_that_of_pandas_for_any_series(gaps, seed, length, step, hold, after, relative):
    times = [UNTIL - after - sum(gaps[n:]) for n in range(len(gaps))]
    values = np.random.default_rng(seed).uniform(1, 2, len(times))
    until = UNTIL
    points = grid(length, step, times[0], until)
    if length < step or until - times[0] < length:
        assert points is None
        return
    found = usual(levels(times, values, points.points, hold=hold), points.steps, relative=relative)
    mean, sigma, n = by_pandas(
        times, values, length=length, step=step, hold=hold, until=until, relative=relative
    )  # fmt: skip
    if n == 0:
        assert found is None
    else:
        assert (found.n, found.mean) == (n, pytest.approx(mean))
        assert found.sigma == (pytest.approx(sigma) if n >= LEAST and sigma else None)


@given(
    events=st.lists(st.tuples(st.integers(0, 1_000), st.floats(0, 1e6)), max_size=60), window=st.integers(1, 400),
    points=st.lists(st.integers(-100, 1_500), max_size=20),
)  # fmt: skip
def test_window_sums_are_those_of_a_loop(events, window, points):
    events.sort()
    found = window_sums(
        [t for t, _ in events], [usd for _, usd in events], np.array(sorted(points), int), window=window
    )
    slow = [sum(usd for ts, usd in events if point - window < ts <= point) for point in sorted(points)]
    assert found == pytest.approx(slow, abs=1e-3)


def held_by_hand(model, path, now, length):
    """(times, values, step, hold) of the series behind a figure, by the calls that panels use."""
    part, name, *_ = path
    if part == "prices":
        symbol = next(each for each in model.prices.symbols if each.startswith(f"{name}/"))
        closes = model.candles.closes(symbol, "15m" if length < 4 * HOUR else "1h")
        step = 15 * MINUTE if length < 4 * HOUR else HOUR
        return [(min(ts + step - 1, now), close) for ts, close in closes if ts <= now], step, 3 * step
    if part == "open_interest":
        symbol = next(each for each in model.open_interest.symbols if each.startswith(f"{name}/"))
        return model.open_interest.history([symbol]), HOUR, 2 * HOUR
    if part == "options":
        recent = [(ts, value) for ts, value in model.options.index_history(name, now - 8 * DAY)]
        return recent, 5 * MINUTE, 2 * HOUR
    return [], 0, 0


@pytest.mark.parametrize(
    ("path", "relative"),
    [
        ("prices.BTC.last", True),
        ("prices.SOL.last", True),
        ("open_interest.ETH.usd", True),
        ("options.BTC.dvol", False),
    ],
)
def test_the_sigma_of_each_kind_of_held_series_is_that_of_pandas(path, relative):
    market = reconstructed("2025-11-21")
    length = 2 * HOUR
    [figure] = [each.figure for each in tracked(market.model, market.now, length) if each.figure.text == path]
    pairs, step, hold = held_by_hand(market.model, path.split("."), market.now, length)
    times, values = [ts for ts, _ in pairs], [value for _, value in pairs]
    mean, sigma, n = by_pandas(
        times, values, length=length, step=step, hold=hold, until=market.now, relative=relative
    )  # fmt: skip
    found = history(market.model, figure, market.now, length).usual(length, market.now)
    assert n >= LEAST
    assert (found.n, found.mean, found.sigma) == (n, pytest.approx(mean), pytest.approx(sigma))


def test_the_sigma_of_a_window_of_liquidations_is_that_of_a_rolling_sum_of_pandas():
    market = reconstructed("2025-11-21")
    length = 2 * HOUR
    [figure] = [
        each.figure for each in tracked(market.model, market.now, length)
        if each.figure.text == "liquidations.windows.1h.usd"
    ]  # fmt: skip
    held = history(market.model, figure, market.now, length)
    rows = market.model.liquidations.rows
    rows.sort()
    sums = pd.Series(
        np.array(rows.amounts) / 1e6, index=pd.to_datetime(np.array(rows.ts), unit="ms")
    ).cumsum()  # fmt: skip
    points = grid(length, held.step, held.first, market.now).points
    stamps = pd.to_datetime(points, unit="ms")

    def until(at):
        return sums.groupby(level=0).last().reindex(at, method="ffill").fillna(0.0)

    rolling = until(stamps).to_numpy() - until(stamps - pd.Timedelta("1h")).to_numpy()
    changes = pd.Series(rolling).diff(12).dropna()
    found = held.usual(length, market.now)
    assert (found.n, found.sigma) == (len(changes), pytest.approx(changes.std()))
    assert rolling[-1] == pytest.approx(figure.read(market.model, market.now))


def test_what_is_coarser_than_the_change_or_shorter_than_thirty_tells_no_sigma():
    assert grid(MINUTE, HOUR, 0, DAY) is None and grid(DAY, HOUR, UNTIL - HOUR, UNTIL) is None
    few = usual(np.arange(LEAST + 0.0), 1)
    assert (few.n, few.sigma) == (LEAST - 1, None)
    still = usual(np.ones(100), 1)
    assert (still.n, still.sigma) == (99, None)
