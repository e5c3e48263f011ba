"""What each source answered comes out with its values: dashes are nothing, zeros are zeros, footers are no funds."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from math import fsum

import pytest

from deskmon.events import EtfFlow, Headline, Holding
from deskmon.feeds.context import (
    alternative_me,
    bitcoin_data,
    coingecko,
    coinpaprika,
    cryptoetf,
    defillama,
    farside,
    headlines,
    ics,
    sosovalue,
    strategy,
    tables,
    treasury_gov,
    yahoo,
)
from deskmon.feeds.context.answers import Unreadable, number
from tests.context.samples import NOW, content, eth_page, read, recorded

FUNDS = {"IBIT", "FBTC", "BITB", "ARKB", "BTCO", "EZBC", "BRRR", "HODL", "BTCW", "MSBT", "GBTC", "BTC"}


def date(event):
    return datetime.fromtimestamp(event.ts / 1000, UTC).date().isoformat()


def values(events):
    return {event.name: event.value for event in events}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1,119.9", 1_119.9), ("(1,113.7)", -1_113.7), ("0.0", 0.0), ("-", None), (".", None), ("", None),
        ("NaN", None), ("0.25%", 0.25), ("9,199.3*", 9_199.3), (" 54.8 ", 54.8), (846_842, 846_842.0), (None, None),
        ("\u221231", -31.0),
    ],
)  # fmt: skip
def test_numbers_as_sources_write_them(text, wanted):
    assert number(text) == wanted


@pytest.mark.parametrize("text", ["12.3.4", "abc", True, [1], "1e", "(5"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(Unreadable, match="no number"):
        number(text)


@recorded
def test_farsides_table_of_three_weeks():
    events = read(farside.flows("BTC"), content("farside/btc_page_2026-07.html"))
    by_day = defaultdict(dict)
    for event in events:
        assert type(event) is EtfFlow and (event.asset, event.source, event.status) == ("BTC", "Farside", "final")
        by_day[event.date][event.fund] = event.usd
    assert set(by_day) == {*(f"2026-07-{day:02}" for day in (6, 7, 8, 9, 10, 13, 14, 15, 16, 17, 20, 21, 22))}, (
        "the row of dashes on 23 July is no report, though its total says 0.0"
    )
    assert all(funds.keys() == FUNDS for funds in by_day.values())
    assert by_day["2026-07-06"]["IBIT"] == 209_400_000
    assert (by_day["2026-07-22"]["GBTC"], by_day["2026-07-22"]["BTC"]) == (-38_300_000, 37_900_000)
    assert Counter(usd == 0.0 for funds in by_day.values() for usd in funds.values())[True] > 0, "a zero is a report"


@recorded
def test_farsides_other_layout_and_a_row_that_isnt_whole():
    events = read(farside.flows("BTC"), content("farside/btc_all_data_page_2026-10_partial_last_row.html"))
    days = defaultdict(dict)
    for event in events:
        days[event.date][event.fund] = (event.usd, event.status)
    assert days["2026-09-28"].keys() == FUNDS
    assert round(fsum(usd for usd, _ in days["2026-09-28"].values())) == 31_000_000
    last = days["2026-10-02"]
    assert "IBIT" not in last and {status for _, status in last.values()} == {"preliminary"}
    assert round(fsum(usd for usd, _ in last.values())) == 31_700_000


def test_a_page_of_ether_has_a_fund_called_eth_and_no_fund_called_seed():
    events = read(farside.flows("ETH"), eth_page("27 Nov 2026|1.5|-|0.0|(2.5)|0.0|0.0|0.0|(10.0)|4.0|(7.0)"))
    assert {event.fund: event.usd for event in events} == {
        "ETHA": 1.5e6, "ETHW": 0, "CETH": -2.5e6, "ETHV": 0, "QETH": 0, "EZET": 0, "ETHE": -10e6, "ETH": 4e6,
    }  # fmt: skip
    assert {(event.asset, event.date, event.status) for event in events} == {("ETH", "2026-11-27", "preliminary")}


def test_a_new_column_is_a_new_fund_and_columns_may_move():
    row = "27 Nov 2026|1.0|2.0|3.0|6.0"
    events = read(farside.flows("ETH"), eth_page(row, funds="NEWX ETHE ETHA"))
    assert {event.fund: event.usd for event in events} == {"NEWX": 1e6, "ETHE": 2e6, "ETHA": 3e6}


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (
            eth_page("27 Nov 2026|1.0|2.0|6.0", funds="NEWX ETHE ETHA"),
            "27 has 3 cells, the header 4",
        ),
        (eth_page(), "no row of a day"),
        (eth_page("27/11/2026|1|1|2", funds="AAAA BBBB"), "no date"),
        (eth_page("27 Nov 2026|x|1|2", funds="AAAA BBBB"), "no number"),
        (eth_page("27 Nov 2026|1|1|2", funds="AAAA BBBB").replace(b"Total", b"Sum"), "no column Total"),
        (b"<html><body>maintenance</body></html>", "no table of flows"),
        (b"<html><table class='etf'></table></html>", "no column Total"),
        (b"", "no web page"),
    ],
)
def test_a_page_that_changed_says_how(page, words):
    with pytest.raises(Unreadable, match=words):
        read(farside.flows("ETH"), page)


@recorded
def test_a_challenge_is_no_table_however_large_it_is():
    with pytest.raises(Unreadable, match="challenge for browsers"):
        read(farside.flows("BTC"), content("farside/cloudflare_just_a_moment_2026-02-11.html"))


@recorded
def test_issuers_of_xrp_without_the_days_that_repeat_the_one_before():
    events = read(cryptoetf.flows("XRP"), content("cryptoetf_today/xrp_by_fund_2025-11_2026-02.json"))
    found = {(event.date, event.fund): event.usd for event in events}
    assert {day for day, _ in found} == {
        "2025-11-14", "2025-12-31", "2026-01-02", "2026-01-07", "2026-01-29", "2026-01-30", "2026-02-02",
    }  # fmt: skip
    assert found["2025-11-14", "canary"] == 243_050_000
    assert found["2026-01-07", "twentyOneShares"] == -47_255_000
    assert found["2026-01-29", "canary"] == 1_098_000
    assert ("2026-02-02", "canary") not in found, "a zero of the newest day may not be published yet"
    assert {fund for _, fund in found} == {"canary", "franklin", "bitwise", "grayscale", "twentyOneShares"}


@recorded
def test_sums_of_xrp_without_zeros_that_say_nothing():
    events = read(cryptoetf.flows("XRP"), content("cryptoetf_today/mcp_get_asset_flows_xrp_2026-10-05.json"))
    assert {event.date: event.usd for event in events} == {
        "2026-09-25": 22_600_000, "2026-09-28": 4_100_000, "2026-09-29": -200_000, "2026-10-01": 4_100_000,
        "2026-10-02": -3_300_000,
    }  # fmt: skip


def test_sosovalue_gives_sums_or_says_why_not():
    answer = b'{"code":0,"data":[{"date":"2026-11-27","total_net_inflow":-5e6,"total_net_assets":"1.2e11"},'
    answer += b'{"date":"2026-11-26","total_net_inflow":"2500000"}]}'
    first, second = read(sosovalue.flows("SOL"), answer)
    assert (first.date, first.usd, second.usd, second.aum_usd) == ("2026-11-26", 2.5e6, -5e6, 1.2e11)
    with pytest.raises(Unreadable, match="code 400101"):
        read(sosovalue.flows("SOL"), b'{"code":400101,"msg":"invalid key"}')


@recorded
def test_strategys_holding_is_a_text_with_commas_and_its_cost_unknown():
    (kpis,) = read(strategy.holdings, content("strategy/bitcoinKpis_2026-06-20.json"))
    assert kpis == Holding(
        ts=1_781_960_901_241, entity="Strategy", asset="BTC", amount=846_842.0, average_cost=None, note="strategy.com"
    )
    told = read(strategy.holdings, content("strategy/nextdata_tracker_2026-07-20.json"))
    assert [(each.amount, date(each)) for each in told] == [(818_869.0, "2026-05-11"), (843_775.0, "2026-07-20")]
    page = b'<html><script id="__NEXT_DATA__" type="application/json">{"props":{"pageProps":{"tracker":'
    page += content("strategy/nextdata_tracker_2026-07-20.json") + b"}}}</script></html>"
    assert read(strategy.holdings, page) == told
    with pytest.raises(Unreadable, match="results is missing"):
        read(strategy.holdings, content("strategy/mstrKpiData_2026-06-20.json"))


@recorded
def test_a_company_of_coingecko_with_its_cost():
    (held,) = read(coingecko.treasuries, content("coingecko/entity_strategy_doc_2026-02.json"))
    assert (held.entity, held.asset, held.amount, held.average_cost) == ("Strategy", "BTC", 714_644.0, 76_506.0)


def test_treasuries_whose_entry_value_is_0_have_no_known_cost():
    answer = b'{"companies":[{"name":"Acme","symbol":"ACME.US","total_holdings":100,"total_entry_value_usd":0},'
    answer += b'{"name":"Other","total_holdings":50,"total_entry_value_usd":5000000}]}'
    url = "http://127.0.0.1/companies/public_treasury/ethereum"
    acme, other = read(coingecko.treasuries, answer, url=url)
    assert (acme.asset, acme.average_cost, other.average_cost) == ("ETH", None, 100_000.0)


@recorded
def test_capitalisation_and_parts_of_the_market():
    found = values(events := read(coingecko.market, content("coingecko/global_2024-05-23.json")))
    assert found["total_market_cap"] == 2_670_750_179_056.94
    assert found["btc_dominance"] == pytest.approx(50.0719, abs=1e-4)
    assert found["market_cap_btc"] == pytest.approx(1.33730e12, rel=1e-5)
    assert {date(event) for event in events} == {"2024-05-23"}
    other = values(read(coinpaprika.market, content("coinpaprika/global_shape.json")))
    assert (other["total_market_cap"], other["btc_dominance"]) == (2_989_466_734_336.0, 55.93)
    assert other.keys() == {"total_market_cap", "btc_dominance", "market_cap_btc"}, "no other coin's part is told"


@recorded
def test_sentiment_yields_and_quotes():
    fear = read(alternative_me.fear_greed, content("alternative_me/fng_limit2_2026-09-08.json"))
    assert [(event.value, date(event)) for event in fear] == [(71.0, "2026-09-07"), (69.0, "2026-09-08")]
    fred = read(tables.fred, content("fred/dgs10_shape.csv"))
    assert [(event.name, event.value, date(event)) for event in fred][-2:] == [
        ("us10y", 4.72, "2026-08-17"), ("us10y", 4.71, "2026-08-18"),
    ]  # fmt: skip
    assert len(fred) == 4, "a dot and a blank are no values"
    treasury = read(treasury_gov.us10y, content("treasury_gov/daily_treasury_yield_curve_2026-08.xml"))
    assert [event.value for event in treasury] == [4.70, 4.68]
    (quote,) = read(tables.stooq, content("stooq/q_l_quote_2026-06-02.csv"))
    assert (quote.name, quote.value, date(quote)) == ("aapl", 314.41, "2026-06-02")


@recorded
def test_a_chart_whose_last_closes_are_null_ends_with_the_price_of_its_own_time():
    events = read(yahoo.chart, content("yahoo/chart_MOWI.OL_2026-10-02_null_today.json"))
    assert [round(event.value, 1) for event in events] == [203.4, 203.4, 201.4]
    assert events[-1].ts == 1_790_864_851_000
    assert 143.1 not in {event.value for event in events}, "the close before the range is not yesterday's"


@recorded
def test_stablecoins_loans_and_sopr():
    coins = read(defillama.stablecoins, content("defillama/stablecoincharts_all_tail_2026-10-04.json"))
    assert coins[0].value == 307_796_037_980 + 800_497_097
    assert len(coins) == 9 and date(coins[-1]) == "2026-10-04"
    (loans,) = read(defillama.loans, content("defillama/protocol_aave_currentChainTvls_excerpt.json"))
    assert loans.value == 16_477_546_481.0, "the parts are not added to their sum"
    lines = content("bitcoin_data/last_2026-07-26.jsonl").splitlines()
    assert [values(read(bitcoin_data.sopr, line)) for line in lines[:2]] == [{"sopr_lth": 0.8875}, {"sopr_sth": 1.0008}]
    assert read(bitcoin_data.sopr, b'{"d":"2026-07-26","unixTs":"1785024000","sthSopr":"NaN"}') == []


@recorded
@pytest.mark.parametrize("name", ["coindesk_2026-10-04.xml", "theblock_2026-10-03.xml"])
def test_headlines_are_text_with_a_plain_link(name):
    events = read(headlines.headlines, content(f"rss/{name}"))
    assert all(type(event) is Headline and event.ts <= NOW for event in events)
    assert "Sample headline 1: asset & venue, +4.2% — “quoted”" in {event.text for event in events}
    assert {event.source for event in events} == {"CoinDesk" if name[0] == "c" else "The Block"}
    assert not any("?" in event.url or "#" in event.url for event in events)


def test_markup_in_a_headline_is_not_shown_and_a_link_is_of_the_web():
    feed = """<rss version="2.0"><channel><title>T</title><item><title>&lt;b&gt;Bold&lt;/b&gt; &amp;amp; more</title>
    <link>javascript:alert(1)</link><pubDate>Sat, 28 Nov 2026 10:00:00 +0000</pubDate></item></channel></rss>"""
    (line,) = read(headlines.headlines, feed.encode())
    assert (line.text, line.url) == ("Bold & more", None)


ICS = """BEGIN:VCALENDAR
VERSION:2.0
X-WR-CALNAME:Releases
BEGIN:VEVENT
UID:jobs-2026-12@example.org
DTSTART;TZID=America/New_York:20261204T083000
SUMMARY:US jobs report\\, November
END:VEVENT
BEGIN:VEVENT
UID:day@example.org
DTSTART;VALUE=DATE:20261225
SUMMARY:Exchanges closed
END:VEVENT
BEGIN:VEVENT
UID:gone@example.org
DTSTART:20261210T190000Z
SUMMARY:Rate decision
STATUS:CANCELLED
END:VEVENT
BEGIN:VEVENT
UID:weekly@example.org
RECURRENCE-ID:20261201T150000Z
DTSTART:20291201T150000Z
SUMMARY:Too far
END:VEVENT
BEGIN:VEVENT
UID:old@example.org
DTSTART:20200101T000000Z
SUMMARY:Long ago
END:VEVENT
END:VCALENDAR
"""


def test_a_calendar_tells_what_is_due_each_at_its_time():
    jobs, gone, closed = read(ics.entries, ICS.encode())
    assert gone.removed and not jobs.removed
    assert (jobs.text, jobs.uid, jobs.source) == ("US jobs report, November", "jobs-2026-12@example.org", "Releases")
    assert datetime.fromtimestamp(jobs.time / 1000, UTC).isoformat() == "2026-12-04T13:30:00+00:00"
    assert datetime.fromtimestamp(closed.time / 1000, UTC).isoformat() == "2026-12-25T00:00:00+00:00"


PARSERS = {
    "farside": farside.flows("BTC"), "cryptoetf": cryptoetf.flows("XRP"), "sosovalue": sosovalue.flows("BTC"),
    "strategy": strategy.holdings, "treasuries": coingecko.treasuries, "market": coingecko.market,
    "coinpaprika": coinpaprika.market, "fear": alternative_me.fear_greed, "fred": tables.fred, "stooq": tables.stooq,
    "treasury": treasury_gov.us10y, "yahoo": yahoo.chart, "stablecoins": defillama.stablecoins,
    "loans": defillama.loans, "sopr": bitcoin_data.sopr, "headlines": headlines.headlines, "calendar": ics.entries,
}  # fmt: skip
PAGES = (
    b"", b"{}", b"[]", b"null", b"<html><body>sorry</body></html>", b"Get your apikey", b"\xff\xfe\x00", b"[" * 5_000,
    b'{"data": 5}', b'{"chart": {"error": {"code": "Not Found"}}}', b"<!DOCTYPE html><title>Just a moment...</title>",
)  # fmt: skip


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize("answer", PAGES, ids=lambda page: repr(page[:12]))
def test_what_is_no_answer_is_unreadable_in_words(name, answer):
    with pytest.raises(Unreadable, match=r"\w+ \w+"):
        read(PARSERS[name], answer)
