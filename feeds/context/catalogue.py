"""All sources: what each tells, where it is asked, on which terms. `urls` in the configuration replaces an address."""

from __future__ import annotations

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
from deskmon.feeds.context.source import DAY_S, HOUR_S, Address, Source

_FARSIDE = "https://farside.co.uk"
_LLAMA = "free for any use, credit asked"
_COINGECKO = "free plan: personal use, credit asked"
_FRED = "public; credit asked"
_FREE = "public; credit asked"
_PERSONAL = "personal use"
_FLOW_HOURS = (21, 15)
"""Farside fills a day's row from the evening in New York to the next noon."""


def _soso(asset: str) -> Address:
    url = f"https://openapi.sosovalue.com/openapi/v1/etfs/summary-history?symbol={asset}&country_code=US"
    return Address("SoSoValue", (url,), sosovalue.flows(asset), "free key", key="x-soso-api-key")


def _etf(asset: str, *history: str) -> Source:
    name = asset.lower()
    return Source(
        f"etf_{name}", f"US spot {asset} ETFs, flows by fund", "etf_flow by fund, USD",
        (
            Address("Farside", (f"{_FARSIDE}/{name}/",), farside.flows(asset), _PERSONAL, history),
            _soso(asset),
        ),
        HOUR_S, _FLOW_HOURS,
    )  # fmt: skip


def _fred(series: str) -> str:
    return f"https://fred.stlouisfed.org/graph/fredgraph.csv?id={series}"


def _yahoo(symbol: str) -> str:
    return f"https://query1.finance.yahoo.com/v8/finance/chart/{symbol.replace('^', '%5E')}?interval=1d&range=1y"


YAHOO = Address("Yahoo", tuple(map(_yahoo, yahoo.SERIES)), yahoo.chart, "unofficial: terms forbid automated use")
"""Off unless `yahoo = true`, as its terms don't allow it and it refuses in waves."""

SOURCES = {
    source.name: source
    for source in (
        _etf("BTC", f"{_FARSIDE}/bitcoin-etf-flow-all-data/"),
        _etf("ETH"),
        _etf("SOL"),
        Source(
            "etf_xrp", "US spot XRP ETFs, flows by issuer", "etf_flow by issuer, USD",
            (
                Address(
                    "cryptoetf.today", ("https://cryptoetf.today/en/xrp-etf-flows",), cryptoetf.flows("XRP"), _PERSONAL
                ),
                _soso("XRP"),
            ),
            HOUR_S, _FLOW_HOURS,
        ),
        Source(
            "strategy", "Strategy's bitcoin", "holding, BTC",
            (
                Address(
                    "strategy.com", ("https://api.strategy.com/btc/bitcoinKpis",), strategy.holdings, _PERSONAL
                ),
                Address(
                    "CoinGecko", ("https://api.coingecko.com/api/v3/public_treasury/strategy",),
                    coingecko.treasuries, _COINGECKO,
                ),
            ),
            6 * HOUR_S,
        ),
        Source(
            "treasuries", "what companies hold of BTC and ETH", "holding by company, BTC and ETH",
            (
                Address(
                    "CoinGecko",
                    tuple(
                        f"https://api.coingecko.com/api/v3/companies/public_treasury/{coin}"
                        for coin in ("bitcoin", "ethereum")
                    ),
                    coingecko.treasuries, _COINGECKO,
                ),
            ),
            12 * HOUR_S,
        ),
        Source(
            "fear_greed", "Fear & Greed index", "fear_greed, 0 to 100",
            (
                Address(
                    "alternative.me", ("https://api.alternative.me/fng/?limit=400",), alternative_me.fear_greed,
                    "any use with credit",
                ),
            ),
            HOUR_S,
        ),
        Source(
            "market_cap", "the market's capitalisation and bitcoin's part",
            "total_market_cap and market_cap_btc, USD; btc_dominance, percent",
            (
                Address("CoinGecko", ("https://api.coingecko.com/api/v3/global",), coingecko.market, _COINGECKO),
                Address(
                    "CoinPaprika", ("https://api.coinpaprika.com/v1/global",), coinpaprika.market, "free plan",
                    day_limit=800,
                ),
            ),
            600.0,
        ),
        Source(
            "us10y", "US 10-year yield", "us10y, percent",
            (
                Address("FRED", (_fred("DGS10"),), tables.fred, _FRED),
                Address(
                    "US Treasury",
                    ("https://home.treasury.gov/resource-center/data-chart-center/interest-rates/pages/xml"
                     "?data=daily_treasury_yield_curve&field_tdr_date_value={year}",),
                    treasury_gov.us10y, "public",
                ),
            ),
            3 * HOUR_S,
        ),
        Source(
            "macro", "stock indices, dollar, metals",
            "ndx and spx, points; usd_broad, index; by Yahoo dxy, gold, qqq, …",
            (
                Address(
                    "FRED", tuple(map(_fred, ("NASDAQ100", "SP500", "DTWEXBGS"))), tables.fred, _FRED
                ),
                Address(
                    "Stooq",
                    tuple(f"https://stooq.com/q/l/?s={symbol}&f=sd2t2ohlcv&h&e=csv" for symbol in tables.STOOQ),
                    tables.stooq, _PERSONAL,
                ),
            ),
            HOUR_S,
        ),
        Source(
            "stablecoins", "supply of all stablecoins", "stablecoin_supply, USD",
            (
                Address(
                    "DefiLlama", ("https://stablecoins.llama.fi/stablecoincharts/all",), defillama.stablecoins, _LLAMA
                ),
            ),
            6 * HOUR_S,
        ),
        Source(
            "loans", "what is borrowed on Aave", "active_loans, USD",
            (
                Address(
                    "DefiLlama",
                    ("https://api.llama.fi/protocol/aave?excludeTotalDataChart=true&excludeTotalDataChartBreakdown=true",),
                    defillama.loans, _LLAMA,
                ),
            ),
            6 * HOUR_S,
        ),
        Source(
            "sopr", "SOPR of short-term and long-term holders", "sopr_sth and sopr_lth, ratio",
            (
                Address(
                    "bitcoin-data.com",
                    tuple(f"https://bitcoin-data.com/v1/{side}-sopr/last" for side in ("sth", "lth")),
                    bitcoin_data.sopr, _FREE, day_limit=15, hour_limit=8,
                ),
            ),
            DAY_S / 4,
        ),
        Source(
            "headlines", "news", "headline",
            (
                Address(
                    "RSS",
                    (
                        "https://www.coindesk.com/arc/outboundfeeds/rss/", "https://www.theblock.co/rss.xml",
                        "https://cointelegraph.com/rss", "https://decrypt.co/feed",
                    ),
                    headlines.headlines, _PERSONAL,
                ),
            ),
            300.0,
        ),
        Source(
            "calendar", "what is due", "calendar",
            (Address("ICS", (), ics.entries, "as its publisher says"),), 6 * HOUR_S,
        ),
    )
}  # fmt: skip
"""Every source by its name in `sources`. One without an address is read where the configuration gives one."""
