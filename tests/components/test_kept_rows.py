"""Rows that are made once for all tables look as if they were made anew, whatever changes between two looks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import DAY
from deskmon.components import liquidations, tape
from deskmon.components.columns import Row, plan, row_spans
from deskmon.events import Liquidation, Trade
from deskmon.model.figures import SideSums, Sums

NOW = 1_763_683_200_000
USD = st.sampled_from([None, 0.0, 0.4, 999.6, 12_345.678, 5e9])
ENTRIES = st.builds(
    lambda liquidated, ts, price, long: (
        Liquidation(ts=ts, venue="okx", symbol="BTC/USDT:USDT", side="long" if long else "short", price=price,
                    amount=2.0, usd=price * 2)
        if liquidated
        else Trade(ts=ts, venue="okx", symbol="BTC/USDT:USDT", side="buy" if long else "sell", price=price, amount=2.0)
    ),
    st.booleans(), st.sampled_from([NOW - DAY, NOW - 1, NOW]), st.sampled_from([0.5, 84_000.25]), st.booleans(),
)  # fmt: skip
SUMS = st.builds(lambda usd, long, short: Sums(usd=usd, long_usd=long, short_usd=short, count=None), USD, USD, USD)


def looks(row: Row, columns) -> object:
    return row.key, row_spans(plan(columns, {}, 200), row), row.sort, row.text, row.matches(["okx"])


@given(st.lists(st.tuples(ENTRIES, st.integers(NOW, NOW + DAY)), max_size=20))
def test_an_entry_looks_on_every_tape_as_one_that_is_new(shown):
    kept = [looks(tape.entry_row(entry, now), tape.ENTRY_COLUMNS) for entry, now in shown]
    tape._entry_row.cache_clear()
    assert kept == [looks(tape.entry_row(entry, now), tape.ENTRY_COLUMNS) for entry, now in reversed(shown)][::-1]


@given(st.lists(st.tuples(st.sampled_from("ab"), SUMS, USD, st.booleans(), st.sampled_from(["", "full"])), max_size=20))
def test_sums_look_in_every_breakdown_as_those_that_are_new(shown):
    def all_of(rows):
        columns = liquidations.breakdown_columns("venue", "24h")
        made = [liquidations.breakdown_row(f"venue/{name}", name, sums, total, lower_bound=bound, coverage=coverage)
                for name, sums, total, bound, coverage in rows]  # fmt: skip
        return [looks(row, columns) for row in made]

    kept = all_of(shown)
    liquidations._breakdown_row.cache_clear()
    assert kept == all_of(shown[::-1])[::-1]


def test_a_row_is_made_once_for_all_tables_and_anew_where_a_figure_is_another():
    trade = Trade(ts=NOW, venue="okx", symbol="BTC/USDT:USDT", side="buy", price=1.0, amount=2.0)
    assert tape.entry_row(trade, NOW) is tape.entry_row(trade, NOW + DAY - 1)
    assert tape.entry_row(trade, NOW) is not tape.entry_row(trade, NOW + DAY)
    sums = SideSums(usd=3.0, long_usd=1.0, short_usd=2.0, count=2)
    first = liquidations.breakdown_row("all", "all", sums, 3.0)
    assert liquidations.breakdown_row("all", "all", sums, 3.0) is first
    sums.long_usd = 0.5
    assert liquidations.breakdown_row("all", "all", sums, 3.0) is not first
