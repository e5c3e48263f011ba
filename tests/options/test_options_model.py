"""The part of the model: what is kept, what is shown of bad data, and that it survives a snapshot."""

from __future__ import annotations

import math
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import Reset, VolatilityIndex, decode_batch, encode_event, state_key
from deskmon.model import Model
from deskmon.model.option_chain import HELD, LEFT_BEHIND
from deskmon.model.options import CHAINS
from tests.options.chains import NOW, market, quote, worth

STRIKES = range(60_000, 125_000, 5_000)


def folded(events) -> Model:
    model = Model()
    model.apply(events)
    assert not model.rejected, list(model.samples)
    return model


def shown(model: Model, now: int = NOW, underlying: str = "BTC"):
    return model.state(now).options[underlying]


def dvol(ts: int, value: float, underlying: str = "BTC", **fields) -> VolatilityIndex:
    return VolatilityIndex(
        **{"ts": ts, "venue": "deribit", "name": "DVOL", "underlying": underlying, "value": value, **fields}
    )


@given(st.permutations([None, "BTC", "USDC"]))
def test_options_of_one_strike_in_two_currencies_are_two_chains(order):
    """Whatever order they come in, no quote replaces one in another currency, neither in a queue nor in the model."""
    unit = {None: 90_000.0, "BTC": 90_000.0, "USDC": 1.0}
    vols = {None: 0.6, "BTC": 0.5, "USDC": 0.4}
    quotes = [
        quote(strike, "call", quote_currency=currency, bid_iv=None, ask_iv=None, mark_iv=None,
              mark=worth(90_000, strike, 30 / 365, vols[currency], "call") / unit[currency])
        for currency in order
        for strike in (85_000, 90_000, 95_000, 100_000)
    ]  # fmt: skip
    assert len({state_key(each) for each in quotes}) == 12
    model = folded(quotes)
    assert shown(model).quotes == 4 and shown(model).quote_currency is None
    late = folded(decode_batch(b"[" + b",".join(map(encode_event, model.snapshot())) + b"]"))
    assert late.state(NOW) == model.state(NOW)
    for currency, vol in vols.items():
        alone = shown(folded([each for each in quotes if each.quote_currency == currency]))
        assert alone.expiries[0].atm_iv == pytest.approx(100 * vol) and alone.quote_currency == currency


def test_a_chain_of_three_expiries():
    model = folded([option for days in (7, 30, 90) for option in market(STRIKES, days=days, volume_24h=2.0)])
    figure = shown(model, NOW + 5_000)
    assert [round(row.days) for row in figure.expiries] == [7, 30, 90]
    assert (figure.venue, figure.age_ms, figure.nearest_forward, figure.quotes) == ("deribit", 5_000, 90_000.0, 78)
    row = figure.expiries[1]
    assert row.atm_iv == pytest.approx(50) and row.rr25 == pytest.approx(0, abs=1e-9)
    assert (row.call_oi, row.put_oi, row.put_call_oi, row.put_call_volume) == (130.0, 130.0, 1.0, 1.0)
    sigma = 0.5 * math.sqrt(30 / 365)
    assert row.expected_low == pytest.approx(90_000 * math.exp(-sigma))
    assert row.expected_high == pytest.approx(90_000 * math.exp(sigma))
    assert row.max_pain == 90_000 and row.gex_usd == pytest.approx(0, abs=1e-6)
    assert figure.constant_maturity["60d"].atm_iv == pytest.approx(50)
    assert figure.constant_maturity["180d"].atm_iv is None
    assert figure.vix_style_30d == pytest.approx(50, rel=0.05)
    assert figure.gex_assumption == "naive" and figure.dvol is None
    strikes = model.options.strikes("BTC", NOW)
    assert [row.strike for row in strikes] == list(STRIKES) and strikes[0].call_oi == 30.0
    quotes = model.options.smile("BTC", row.expiry, NOW)
    assert [(each.strike, each.kind) for each in quotes[:2]] == [(60_000, "put"), (60_000, "call")]
    assert quotes[0].bid_iv == pytest.approx(49) and quotes[0].ask_iv == pytest.approx(51)


def test_a_figure_that_is_not_known_is_none_never_nought():
    model = folded([quote(90_000, "call", open_interest=None, mark_iv=None, bid_iv=None, ask_iv=None)])
    figure = shown(model)
    assert (figure.gex_usd, figure.gex_flip, figure.put_call_oi, figure.vix_style_30d) == (None,) * 4
    row = figure.expiries[0]
    named = ("atm_iv", "rr25", "bf25", "put_skew", "call_oi", "put_oi", "max_pain", "expected_low", "gex_usd")
    assert all(getattr(row, name) is None for name in named)


def test_the_newest_quote_counts_whatever_the_order_of_arrival():
    newer = market(STRIKES, smile=lambda strike: 0.8, ts=NOW + 1_000, expiry=NOW + 30 * DAY)
    older = market(STRIKES, smile=lambda strike: 0.4, expiry=NOW + 30 * DAY)
    assert shown(folded(newer + older)) == shown(folded(older + newer))
    assert shown(folded(newer + older)).expiries[0].atm_iv == pytest.approx(80)


def test_crossed_quotes_are_counted_and_in_no_smile():
    crossed = market(STRIKES, bid_iv=60.0, ask_iv=40.0)
    row = shown(folded(crossed)).expiries[0]
    assert (row.quotes, row.crossed, row.atm_iv, row.rr25) == (26, 26, None, None)
    row = shown(folded(market(STRIKES, bid=0.5, ask=0.4))).expiries[0]
    assert (row.crossed, row.atm_iv) == (26, None)


def test_a_volatility_of_nought_is_none():
    row = shown(folded(market(STRIKES, mark_iv=0.0, bid_iv=None, ask_iv=None))).expiries[0]
    assert (row.quotes, row.atm_iv, row.rr25) == (26, None, None)


def test_options_without_a_bid_are_counted():
    row = shown(folded(market(STRIKES, bid_iv=0.0))).expiries[0]
    assert (row.quotes, row.no_bid, row.atm_iv) == (26, 26, None)


def test_an_expiry_that_passes_leaves_and_one_still_quoted_is_called_expired():
    expiry = NOW + HOUR
    model = folded(market(STRIKES, expiry=expiry) + market(STRIKES, days=30))
    assert len(shown(model, expiry - 1).expiries) == 2
    assert len(shown(model, expiry).expiries) == 1 and shown(model, expiry).expired == 0
    model.apply(market(STRIKES, expiry=expiry, ts=expiry + 5 * MINUTE))
    figure = shown(model, expiry + 5 * MINUTE)
    assert (len(figure.expiries), figure.expired, figure.quotes) == (1, 26, 26)
    model.apply(market(STRIKES, days=30, ts=expiry + 3 * HOUR))
    assert shown(model, expiry + 3 * HOUR).expired == 0, "what has expired is forgotten"


def test_an_option_that_newer_readings_do_not_name_leaves():
    """Expiries of 10 and 30 days are read each half minute; then the venue lists the nearer one no more, and of the
    farther one no puts."""
    far = {"expiry": NOW + 30 * DAY}
    model = folded([])
    for reading in range(32):
        ts = NOW + reading * MINUTE // 2
        model.apply(market(STRIKES, ts=ts, **far))
        if not reading:
            model.apply(market(STRIKES, days=10))
        assert len(shown(model, ts).expiries) == (2 if ts - NOW <= LEFT_BEHIND else 1)
    for reading in range(32):
        ts = NOW + (16 + reading // 2) * MINUTE
        model.apply(quote(strike, "call", ts=ts, **far) for strike in STRIKES)
    figure = shown(model, ts)
    assert (figure.quotes, figure.unquoted) == (len(STRIKES), 3 * len(STRIKES))
    assert (figure.expiries[0].call_oi, figure.expiries[0].put_oi) == (130.0, 0.0)
    again = folded(model.snapshot())
    assert shown(again, ts) == figure
    model.apply(market(STRIKES, ts=NOW + 61 * MINUTE, **far))
    figure = shown(model, NOW + 61 * MINUTE)
    assert (figure.quotes, figure.unquoted) == (2 * len(STRIKES), 0), "at the turn of the hour they are forgotten"


@pytest.mark.parametrize("apart", [30_000, 5 * MINUTE, HOUR, 2 * HOUR])
def test_a_reading_under_way_leaves_nothing_out(apart):
    """However rarely the venue is read, half of a new reading doesn't hide what the other half will bring."""
    model = folded([])
    for reading in range(3):
        for option in market(STRIKES, ts=NOW + reading * apart, expiry=NOW + 30 * DAY):
            model.apply([option])
            figure = shown(model, option.ts)
            assert (figure.unquoted, reading and figure.quotes) == (0, reading and 2 * len(STRIKES))


def test_a_feed_that_stops_hides_nothing():
    model = folded(market(STRIKES, ts=NOW, expiry=NOW + 30 * DAY))
    figure = shown(model, NOW + DAY)
    assert (figure.unquoted, figure.quotes, figure.age_ms) == (0, 2 * len(STRIKES), DAY)


def test_a_missing_expiry_is_missing_and_maturities_beyond_are_unknown():
    figure = shown(folded(market(STRIKES, days=10) + market(STRIKES, days=20)))
    assert [row.days for row in figure.expiries] == [10, 20]
    assert figure.constant_maturity["30d"].atm_iv is None and figure.vix_style_30d is None
    assert figure.constant_maturity["7d"].rr25 is None


def test_an_underlying_price_of_nought_never_reaches_the_model():
    with pytest.raises(ValueError, match="underlying_price"):
        quote(90_000, "call", forward=0.0)


def test_a_feed_that_stops_shows_by_its_age():
    model = folded([*market(STRIKES), dvol(NOW - MINUTE, 40.0)])
    figure = shown(model, NOW + 6 * HOUR)
    assert (figure.age_ms, figure.dvol_age_ms) == (6 * HOUR, 6 * HOUR + MINUTE)
    assert figure.expiries[0].days == 30, "figures are those of the quotes"


def test_another_venue_stands_in_while_the_first_is_silent():
    deribit = market(STRIKES, smile=lambda strike: 0.4)
    okx = market(STRIKES, smile=lambda strike: 0.6, venue="okx", ts=NOW + 10 * MINUTE)
    model = folded(deribit + okx)
    assert shown(model, NOW + 10 * MINUTE).venue == "deribit"
    assert shown(model, NOW + 20 * MINUTE).venue == "okx"
    assert shown(model, NOW + 9 * HOUR).venue == "okx"


def test_how_the_expiries_stood_a_day_and_a_week_ago():
    model = Model()
    for hour in range(24 * 8):
        vol = 0.3 + hour / 1_000
        model.apply(market(STRIKES, smile=lambda strike, vol=vol: vol, ts=NOW + hour * HOUR, expiry=NOW + 40 * DAY))
    now = NOW + (24 * 8 - 1) * HOUR + MINUTE
    for ago, hours in ((DAY, 24), (7 * DAY, 24 * 7)):
        then = model.options.term_structure("BTC", now, ago)
        assert now - ago - HOUR <= then.ts <= now - ago
        assert then.points[0].atm_iv == pytest.approx(30 + (191 - hours) / 10)
    assert model.options.term_structure("BTC", now, 8 * DAY) is None
    assert len(model.options.skew_history("BTC", now)) <= 7 * 24 + 3
    again = folded(model.snapshot())
    assert again.options.skew_history("BTC", now) == model.options.skew_history("BTC", now)


def test_a_risk_reversal_stands_among_those_at_the_ends_of_earlier_days():
    """Puts are dearer each day but the last one, which is as the second was."""
    model, near, far = Model(), NOW + 20 * DAY, NOW + 50 * DAY
    for day, slope in enumerate((2.0, 4.0, 6.0, 8.0, 4.0)):
        for hour in (1, 2):
            ts = NOW + day * DAY + hour * HOUR
            smile = partial(lambda slope, strike: 0.5 + slope * (90_000 - strike) / 1e6, slope)
            for expiry in (near, far):
                model.apply(market(STRIKES, smile=smile, ts=ts, expiry=expiry))
    month = shown(model, ts).constant_maturity["30d"]
    assert month.rr25 < 0 and shown(model, ts).constant_maturity["60d"].since is None
    assert (month.since.n, month.since.extreme) == (5, "high"), "those of four days, each when the next began"
    assert month.since.last == NOW + DAY + 2 * HOUR
    (name,) = [name for name in model.days.figures(ts) if "30d" in name]
    assert name == "rr25 30d of BTC on deribit"
    assert model.days.history(name)[-1][0] == ts - HOUR, "today's is that of the hour before"


def test_dvol_and_how_it_stands_in_a_year():
    days = [dvol(NOW - day * DAY + 12 * HOUR, 30 + day % 40) for day in range(1, 500)]
    hours = [dvol(NOW - hour * HOUR, 60 - hour / 4) for hour in range(48)]
    figure = shown(folded([*reversed(days), *reversed(hours)]), NOW)
    assert (figure.dvol, figure.dvol_change_24h, figure.dvol_age_ms) == (60.0, 6.0, 0)
    assert figure.expected_daily_move_pct == pytest.approx(60 / math.sqrt(365))
    assert (figure.since.n, figure.since.extreme) == (500, "high")
    assert figure.dvol_rank == pytest.approx(100 * (60 - 30) / (69 - 30))
    assert figure.dvol_percentile == pytest.approx(75, abs=2)
    assert figure.since.last == NOW - 30 * DAY + 12 * HOUR, "thirty days ago it was as high"
    assert (figure.venue, figure.age_ms, figure.expiries) == (None, None, [])


def test_under_thirty_days_of_dvol_say_nothing_of_rank():
    figure = shown(folded([dvol(NOW - day * DAY, 40.0 + day) for day in range(29)]))
    assert (figure.dvol_rank, figure.dvol_percentile, figure.since.n) == (None, None, 29)


def test_the_history_of_dvol_comes_in_any_order_and_by_parts():
    days = [dvol(NOW - day * DAY, 40.0 + day) for day in range(60)]
    minutes = [dvol(NOW - minute * MINUTE, 40.0) for minute in range(60)]
    model, other = folded([*days, *minutes]), folded([*reversed(minutes), *days])
    assert shown(model) == shown(other)
    history = model.options.index_history("BTC", NOW - 30 * DAY)
    assert [ts for ts, _ in history] == sorted(ts for ts, _ in history)
    assert history[0][0] == NOW - 29 * DAY and history[-1] == (NOW, 40.0)


def test_other_indices_are_not_dvol():
    assert "BTC" not in folded([dvol(NOW, 40.0, name="BVIV")]).state(NOW).options


def test_two_underlyings_of_one_index_do_not_replace_each_other():
    assert state_key(dvol(NOW, 40.0)) != state_key(dvol(NOW, 60.0, "ETH"))


options = st.builds(
    quote, strike=st.sampled_from(STRIKES), kind=st.sampled_from(("call", "put")),
    days=st.sampled_from((0.01, 1.0, 30.0, 90.0)), vol=st.floats(0.01, 5), ts=st.integers(NOW, NOW + 3 * HOUR),
    venue=st.sampled_from(("deribit", "bybit")), underlying=st.sampled_from(("BTC", "ETH")),
    mark_iv=st.none() | st.just(0.0) | st.floats(0, 500), bid_iv=st.none() | st.floats(0, 500),
    ask_iv=st.none() | st.floats(0, 500), bid=st.none() | st.floats(0, 2), ask=st.none() | st.floats(0, 2),
    mark=st.none() | st.floats(0, 2), open_interest=st.none() | st.floats(0, 1e9),
    forward=st.sampled_from((1e-3, 90_000.0, 1e17)),
)  # fmt: skip


@given(st.lists(options | st.builds(dvol, st.integers(NOW - 400 * DAY, NOW), st.floats(1, 500)), max_size=60))
def test_any_quotes_give_figures_and_a_snapshot_gives_the_same(events):
    model = folded(events)
    now = NOW + 2 * HOUR
    again = Model()
    again.apply(decode_batch(b"[" + b",".join(encode_event(event) for event in model.snapshot()) + b"]"))
    assert not again.rejected
    assert again.state(now) == model.state(now)
    for figure in model.state(now).options.values():
        for row in figure.expiries:
            known = [value for value in (row.atm_iv, row.rr25, row.gex_usd, row.max_pain) if value is not None]
            assert all(math.isfinite(value) for value in known)


def test_a_reset_forgets_all():
    model = folded([*market(STRIKES), dvol(NOW, 40.0)])
    model.apply([Reset(ts=NOW)])
    assert model.state(NOW).options == {}


def test_what_is_kept_is_bounded():
    model = Model()
    model.apply(quote(1_000.0 + at, "call") for at in range(HELD + 10))
    assert model.rejected == 10 and shown(model).quotes == HELD
    model = Model()
    model.apply(quote(90_000, "call", underlying=f"A{at}") for at in range(CHAINS + 5))
    model.apply(dvol(NOW, 40.0, f"A{at}") for at in range(CHAINS + 5))
    assert model.rejected == 10 and len(model.state(NOW).options) == CHAINS


def test_figures_are_computed_once_for_a_chain_that_did_not_change(monkeypatch):
    import deskmon.model.option_analysis as analysis

    computed = []
    original = analysis.chain
    monkeypatch.setattr(analysis, "chain", lambda options: computed.append(len(options)) or original(options))
    model = folded(market(STRIKES) + market(STRIKES, underlying="ETH"))
    for now in range(NOW, NOW + 5_000, 250):
        model.state(now)
        model.options.strikes("BTC", now)
    assert computed == [26, 26]
    model.apply([quote(90_000, "call", ts=NOW + 1)])
    model.state(NOW + 5_000)
    assert computed == [26, 26, 27]
