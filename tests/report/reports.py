"""A report written by hand: each kind of block, figures of several origins, gaps, and words of others."""

from __future__ import annotations

from math import sin

from deskmon.clock import DAY, HOUR
from deskmon.report.content import Absent, Chart, ChartLine, Figure, Link, Paragraph, Report, Section, Table

START = 1_769_990_400_000  # 2026-02-02 00:00Z
END = START + 5 * DAY - 6 * HOUR


def report(words: str = "the words of others", url: str = "https://news.example/a?b=c&d=(e)") -> Report:
    """A report in which `words` stand wherever somebody else's may."""
    return Report(
        title=f"BTC, {words}: 2026-02-02 to 2026-02-06", source="reconstructed", note=words, start=START, end=END,
        assets=("BTC", words), coverage=(f"Liquidations are heard: full of {words}.",),
        sections=(_prices(words), _flows(words), _headlines(words, url)),
    )  # fmt: skip


def figure(words: str, path: str, origin: str = "binance, 2s old", at: int = END) -> Figure:
    return Figure(words, path, at, origin)


def _prices(words: str) -> Section:
    steps = [START + 4 * n * HOUR for n in range(29)]
    btc = [(ts, None if 10 < n < 14 else 70_000 - 45 * n + 900 * sin(n / 6)) for n, ts in enumerate(steps)]
    eth = [(ts, 68_000 - 30 * n + 700 * sin(n / 9)) for n, ts in enumerate(steps)]
    prices = (("BTC", "64,812.50", "−16.50%"), ("ETH", "1,871.20", "−22.40%"), (words, "0.097820", "−0.10%"))
    rows = [
        [[asset], [figure(last, f"prices.{asset}.last")], [figure(change, f"prices.{asset}.week", "bybit")], ["—"]]
        for asset, last, change in prices
    ]
    told = Paragraph([
        "BTC stands at ", figure("64,812.50", "prices.BTC.last"), ", after ",
        figure("75,235.70", "prices.BTC.last", at=START), f" at the start. {words} fell by ",
        figure("−16.50%", "prices.X.change_pct.7d", words), ".",
    ])  # fmt: skip
    table = Table(f"Assets and {words}", ("asset", "last", "7 d", words), rows)
    lines = (ChartLine("BTC", "prices.BTC.last", btc), ChartLine(words, "prices.ETH.last", eth))
    chart = Chart(f"Prices of BTC and {words}", "quote currency", lines)
    return Section("prices", "What moved", (told, table, chart), (Absent("prices.ZEC.last", f"unknown: {words}"),))


def _flows(words: str) -> Section:
    days = [(START + n * DAY, usd) for n, usd in enumerate((561.8e6, -272.0e6, -544.9e6, -434.1e6, 371.1e6))]
    wide = Table(
        "Funds by day, wider than a mail", ("fund", *(f"2026-02-0{n} in USD" for n in range(2, 8))),
        [[[words], *([figure(f"−{n}72.00M", f"flows.BTC.by_fund.{n}")] for n in range(6))]],
    )  # fmt: skip
    chart = Chart("Flows of the funds", "USD", (ChartLine("BTC funds", "flows.BTC.day_usd", days, is_bar=True),))
    empty = Chart("Nothing to draw", "USD", (ChartLine(words, "flows.ETH.day_usd", ()),))
    return Section("flows", "Funds", (Paragraph([words]), wide, chart, empty))


def _headlines(words: str, url: str) -> Section:
    links = [Paragraph(["2026-02-06 14:30Z: ", Link(words, url), f" ({words})"])]
    return Section("headlines", "Headlines", links)
