"""Around the market: its capitalisation, fear and greed, the dollar, yields, stocks, metals, correlations, events."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon import format as fmt
from deskmon.components.series import mood, series_value
from deskmon.model import Model
from deskmon.model.figures import MetricFigure
from deskmon.report.content import Block, Paragraph
from deskmon.report.extremes import extreme_note
from deskmon.report.phrases import path_of, share, signed_usd, usd
from deskmon.report.reading import Reading, says, together
from deskmon.report.sections import macro_calendar, macro_tables
from deskmon.report.sections import series_phrases as series
from deskmon.report.sections.market_phrases import also, listed_blocks

CAP, DOMINANCE, FEAR, ETPS = "total_market_cap", "btc_dominance", "fear_greed", "etp_aum"
GREED = 56
"""Fear & Greed from which on it is greed."""


def tracked(model: Model, assets: Sequence[str]) -> list[str]:
    """The calendar: it forgets what is past."""
    return ["calendar"]


def write(reading: Reading) -> list[Block]:
    """The market as a whole, then what stands around it, how it moves with that, and what came and comes."""
    return listed_blocks(
        together(_market_cap(reading), _dominance(reading), _etps(reading)),
        _fear(reading),
        together(_dollar(reading), _yield(reading)),
        *macro_tables.write(reading),
        *macro_calendar.write(reading),
    )


def _market_cap(reading: Reading) -> Paragraph | None:
    """What it lost or gained; the section on prices tells its high and its peak."""
    figure = series.known(reading, CAP)
    if figure is None:
        return None
    change, percent = series.change(reading, CAP, "7d", signed_usd), series.percent(reading, CAP, "7d")
    extreme = extreme_note(figure.since, figure.ts)
    standing = reading.derived(path_of("metrics", CAP, "since"), extreme) if extreme else None
    return says(
        "The total market capitalisation is ", series.value(reading, CAP, usd), series.age_note(figure),
        *also(", ", change, " over seven days"), *also(" (", percent, ")"), *also(", the ", standing), ".",
    )  # fmt: skip


def _dominance(reading: Reading) -> Paragraph | None:
    figure = series.known(reading, DOMINANCE)
    points = series.change(reading, DOMINANCE, "7d", lambda change: fmt.percent(change, 1).removesuffix("%"))
    return None if figure is None else says(
        "BTC is ", series.value(reading, DOMINANCE, lambda value: f"{value:.1f}%"), " of it", series.age_note(figure),
        *also(", ", points, " points over seven days"), ".",
    )  # fmt: skip


def _etps(reading: Reading) -> Paragraph | None:
    figure = series.known(reading, ETPS)
    part = None if figure is None else reading.figure(path_of("metrics", ETPS, "market_share"), share)
    return None if figure is None else says(
        "All exchange-traded products have assets of ", series.value(reading, ETPS, usd), series.age_note(figure),
        *also(", ", part, " of the market capitalisation of that time"), ".",
    )  # fmt: skip


def _fear(reading: Reading) -> Paragraph | None:
    figure = series.known(reading, FEAR)
    if figure is None:
        return None
    extreme = extreme_note(figure.since, figure.ts)
    standing = reading.derived(path_of("metrics", FEAR, "since"), extreme) if extreme else None
    week, month = (series.change(reading, FEAR, window, _points) for window in ("7d", "30d"))
    return together(
        says(
            "Fear & Greed is ", series.value(reading, FEAR), f" ({mood(figure.value)}){series.age_note(figure)}",
            *also(", the ", standing), *also(", ", week, " points over seven days"),
            *also(", ", month, " points over 30 days"), ".",
        ),
        _greed(reading, figure),
    )  # fmt: skip


def _greed(reading: Reading, figure: MetricFigure) -> Paragraph | None:
    """When it last was greed, where it no longer is."""
    times = [ts for ts, value in reading.model.metrics.history(FEAR) if value >= GREED]
    if figure.value >= GREED or not times:
        return None
    last = reading.derived(path_of("metrics", FEAR, "value"), fmt.date(times[-1]), times[-1])
    return says(f"Fear & Greed last was at greed ({GREED} or more) on ", last, ".")


def _dollar(reading: Reading) -> Paragraph | None:
    figure = series.known(reading, "dxy")
    return None if figure is None else says(
        "The dollar index is ", series.value(reading, "dxy"), series.age_note(figure),
        *also(", ", series.percent(reading, "dxy", "7d"), " over seven days"),
        *also(", ", series.percent(reading, "dxy", "30d"), " over 30 days"), ".",
    )  # fmt: skip


def _yield(reading: Reading) -> Paragraph | None:
    figure = series.known(reading, "us10y")
    return None if figure is None else says(
        "The US 10-year yield is ", series.value(reading, "us10y", series_value), " percent", series.age_note(figure),
        *also(", ", series.change(reading, "us10y", "24h", _basis_points), " in 24 h"),
        *also(", ", series.change(reading, "us10y", "7d", _basis_points), " over seven days"), ".",
    )  # fmt: skip


def _points(change: float) -> str:
    return fmt.percent(change, 0).removesuffix("%")


def _basis_points(change: float) -> str:
    return fmt.percent(100 * change, 0).replace("%", " bp")
