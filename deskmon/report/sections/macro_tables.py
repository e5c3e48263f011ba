"""Macro as tables: stocks, metals and the dollar over time, and how a coin's returns go with theirs."""

from __future__ import annotations

from collections.abc import Iterator

from deskmon import format as fmt
from deskmon.components.correlations import coefficient, compared_name
from deskmon.components.series import SERIES_NAMES, series_name, series_order, series_value
from deskmon.components.since import is_notable, return_words
from deskmon.model.figures import CorrelationFigure, MetricFigure
from deskmon.report.content import Block, Cell, Paragraph, Table
from deskmon.report.extremes import extreme_words
from deskmon.report.phrases import path_of, signed_percent
from deskmon.report.reading import Reading, Words, says, together
from deskmon.report.sections.market_phrases import cell, day

SERIES = ("dxy", "usd_broad", "cd20", "ndx", "qqq", "spx", "igv", "msft", "gold", "silver")
WANTED = ("ndx", "spx", "gold")
"""Whose absence is told."""
COLUMNS: dict[str, tuple[str, Words]] = {
    "value": ("value", series_value), "day": ("day_change_pct", signed_percent),
    "three days": ("change_pct.3d", signed_percent), "seven days": ("change_pct.7d", signed_percent),
    "30 days": ("change_pct.30d", signed_percent), "this year": ("change_pct.ytd", signed_percent),
    "peak": ("peak.value", series_value), "from peak": ("peak.drawdown_pct", signed_percent),
}  # fmt: skip
RECENT, LONGER = "30d", "90d"
MOST = 16
"""What a coin is compared with in a table."""


def write(reading: Reading) -> Iterator[Block | None]:
    """The series, what is unusual of their newest day, and the correlations of the first asset."""
    known = reading.model.metrics.figures(reading.end)
    for name in (name for name in WANTED if name not in known):
        reading.lacks(path_of("metrics", name, "value"), "unknown: no feed told it")
    shown = sorted((name for name in SERIES if name in known), key=series_order)
    if shown:
        rows: list[list[Cell]] = [_row(reading, name, known[name]) for name in shown]
        yield Table("Stocks, metals and the dollar", ["series", "newest", *COLUMNS], rows)
        yield together(*(_unusual_day(reading, name, known[name]) for name in shown))
    for asset in reading.assets[:1]:
        yield from _correlations(reading, asset)


def _row(reading: Reading, name: str, figure: MetricFigure) -> list[Cell]:
    newest = day(figure.ts) + (" (stale)" if figure.stale else "")
    paths = ((f"{path_of('metrics', name)}.{field}", words) for field, words in COLUMNS.values())
    return [[series_name(name)], [newest], *(_cell(reading, path, words) for path, words in paths)]


def _cell(reading: Reading, path: str, words: Words) -> Cell:
    """A figure; of the year's change, which a short past doesn't have, — alone."""
    if path.endswith("ytd") and reading.value(path) is None:
        return [fmt.UNKNOWN]
    return cell(reading, path, words)


def _unusual_day(reading: Reading, name: str, figure: MetricFigure) -> Paragraph | None:
    """How its newest day stands among earlier ones, where it is worth a word."""
    if figure.day_since is None or not is_notable(figure.day_since, figure.ts):
        return None
    called, path = series_name(name), path_of("metrics", name, "day_change_pct")
    words = extreme_words(figure.day_since, return_words("1d", figure.day_change_pct))
    return says(
        f"{called[0].upper()}{called[1:]}: ",
        reading.figure(path, signed_percent), f" on {day(figure.ts)}, the ",
        reading.derived(path_of("metrics", name, "day_since"), words), ".",
    )  # fmt: skip


def _correlations(reading: Reading, asset: str) -> Iterator[Block | None]:
    known = reading.model.correlations.figures(reading.end)
    recent, longer = (known.get(window, {}).get(asset, {}) for window in (RECENT, LONGER))
    others = [other for other in recent if recent[other].r is not None or longer[other].r is not None][:MOST]
    if not others:
        reading.lacks(path_of("correlations", RECENT, asset), "fewer than 20 pairs of daily closes")
        return
    rows: list[list[Cell]] = [
        [[compared_name(other)], *(part for window, of in ((RECENT, recent), (LONGER, longer))
                                   for part in _pair(reading, asset, window, other, of[other]))]
        for other in others
    ]  # fmt: skip
    head = ["with", "r of 30 days", "pairs", "r of 90 days", "pairs"]
    yield _closest(reading, asset, recent)
    yield Table(f"Correlation of {asset}'s daily returns", head, rows)


def _pair(reading: Reading, asset: str, window: str, other: str, figure: CorrelationFigure) -> tuple[Cell, Cell]:
    path = path_of("correlations", window, asset, other)
    return cell(reading, f"{path}.r", lambda r: coefficient(r)[0]), [str(figure.n)]


def _closest(reading: Reading, asset: str, recent: dict[str, CorrelationFigure]) -> Paragraph | None:
    """What is no coin and moved most as the asset did."""
    around = {name: of.r for name, of in recent.items() if name.lower() in SERIES_NAMES and of.r is not None}
    if not around:
        return None
    name = max(around, key=lambda each: abs(around[each]))
    path = path_of("correlations", RECENT, asset, name)
    return says(
        f"Of all that is no coin, {compared_name(name)} has the closest correlation with {asset}: r ",
        reading.figure(f"{path}.r", lambda r: coefficient(r)[0]), " over 30 days, of ",
        reading.figure(f"{path}.n", lambda n: str(int(n))), " pairs of daily returns.",
    )  # fmt: skip
