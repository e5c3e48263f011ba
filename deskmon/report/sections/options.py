"""Options: volatility and how rare it is, skew by maturity, the range that prices imply, and dealers' gamma."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from deskmon import format as fmt
from deskmon.clock import DAY
from deskmon.components.options import dollars, vol, vol_change
from deskmon.model import Model
from deskmon.model.figures import ExpiryFigure, MaturityFigure, OptionsFigure
from deskmon.report.content import Block, Chart, ChartLine, Figure, Inline, Paragraph
from deskmon.report.phrases import path_of
from deskmon.report.reading import Reading, says, together
from deskmon.report.sections import gamma_told, option_tables
from deskmon.report.sections.market_phrases import also, listed_blocks, standing

SKEWS = ("7d", "30d")
"""Constant maturities whose skew is told, and remembered by the day."""
WEEK = 7
"""Days that the expiry has to go whose implied range is told."""


def tracked(model: Model, assets: Sequence[str]) -> list[str]:
    """Volatility, skew, and the ranges of all expiries."""
    known = [asset for asset in assets if asset in model.options.underlyings()]
    return [
        path
        for asset in known
        for path in (
            path_of("options", asset, "dvol"),
            path_of("options", asset, "expiries"),
            *(_maturity(asset, maturity) for maturity in SKEWS),
        )
    ]


def write(reading: Reading) -> list[Block]:
    """Each asset with options in sentences and tables; then their skews beside each other, and over time."""
    known: dict[str, OptionsFigure] = {}
    blocks: list[Block | None] = []
    underlyings = reading.model.options.underlyings()
    for asset in reading.assets:
        figure = reading.model.options.figure(asset, reading.end) if asset in underlyings else None
        if figure is None:
            reading.lacks(path_of("options", asset, "dvol"), f"no option of {asset} was told")
            continue
        known[asset] = figure
        blocks += [_volatility(reading, asset, figure), _skew(reading, asset, figure), _range(reading, asset, figure)]
        blocks += [*gamma_told.written(reading, asset, figure), *option_tables.of_asset(reading, asset, figure)]
    return listed_blocks(*blocks, _beside(reading, known), *_charts(reading, known)) if known else []


def _maturity(asset: str, maturity: str) -> str:
    return path_of("options", asset, "constant_maturity", maturity, "rr25")


def _volatility(reading: Reading, asset: str, figure: OptionsFigure) -> Paragraph | None:
    path = path_of("options", asset)
    since = standing(reading, f"{path}.since", figure.since, ("highest", "lowest"))
    days = f" of {figure.since.n} days" if figure.since is not None else ""
    scale = f", on a scale from the low (0) to the high (100){days}"
    percentile = reading.figure(f"{path}.dvol_percentile", _whole)
    rank = also(" and its rank ", reading.figure(f"{path}.dvol_rank", _whole))
    move = reading.figure(f"{path}.expected_daily_move_pct", lambda percent: fmt.percent(percent, 1, plus=False))
    own = reading.figure(f"{path}.vix_style_30d", vol)
    change = also(", ", reading.figure(f"{path}.dvol_change_24h", vol_change), " in 24 hours")
    return together(
        says(
            f"DVOL of {asset} is ",
            reading.figure(f"{path}.dvol", vol),
            " vol points",
            *change,
            *also(": the ", since),
            ".",
        ),
        says(f"The percentile of {asset}'s DVOL is ", percentile, *rank, f"{scale}."),
        says(f"DVOL of {asset} implies a move of ", move, " a day, one standard deviation."),
        says(f"The volatility of 30 days from prices of {asset} options, by the method of the VIX, is ", own, "."),
    )


def _whole(value: float) -> str:
    return f"{value:.0f}"


def _skew(reading: Reading, asset: str, figure: OptionsFigure) -> Paragraph | None:
    """The risk reversal at each maturity, and how rare that is."""
    parts: list[Inline] = []
    for maturity in SKEWS:
        skew = reading.figure(_maturity(asset, maturity), vol_change)
        parts += also(" and " if parts else "", skew, f" vol points at {maturity[:-1]} days")
    called, dearer = f"The skew of {asset} at 25 delta (call less put) is ", _dearer(figure)
    sentences = [says(called, *parts, f"{dearer}.") if parts else None]
    sentences += [_rarity(reading, asset, maturity, figure.constant_maturity.get(maturity)) for maturity in SKEWS]
    ratio = reading.figure(path_of("options", asset, "put_call_oi"), lambda puts: f"{puts:.2f}")
    return together(*sentences, says(f"For each call of {asset} ", ratio, " puts are open."))


def _dearer(figure: OptionsFigure) -> str:
    """Which side costs more, where both maturities agree."""
    at = [figure.constant_maturity[maturity].rr25 for maturity in SKEWS if maturity in figure.constant_maturity]
    known = [skew for skew in at if skew is not None]
    if not known or min(known) < 0 < max(known):
        return ""
    return ": puts are dearer than calls" if max(known) < 0 else ": calls are dearer than puts"


def _rarity(reading: Reading, asset: str, maturity: str, figure: MaturityFigure | None) -> Paragraph | None:
    """How rare the skew at a maturity is among its days."""
    if figure is None or figure.since is None:
        return None
    path, since = f"{path_of('options', asset, 'constant_maturity', maturity)}.since", figure.since
    phrase = standing(reading, path, since, ("highest", "lowest"))
    percentile = None if since.percentile is None else reading.derived(f"{path}.percentile", _whole(since.percentile))
    parts = [*also(", has percentile ", percentile, f" among {since.n} days"), *also(", is the ", phrase)]
    value = reading.figure(_maturity(asset, maturity), vol_change)
    return says(f"The skew of {asset} at {maturity[:-1]} days, ", value, *parts, ".") if parts else None


def _beside(reading: Reading, known: dict[str, OptionsFigure]) -> Paragraph | None:
    """Whose puts are the dearest."""
    skews = {
        asset: at.rr25 for asset, figure in known.items()
        if (at := figure.constant_maturity.get(SKEWS[0])) is not None and at.rr25 is not None
    }  # fmt: skip
    if len(skews) < 2:
        return None
    least, *others = sorted(skews, key=lambda asset: (skews[asset], asset))
    parts: list[Inline] = []
    for asset in others:
        parts += [
            ", " if parts else "",
            f"{asset} ",
            reading.derived(_maturity(asset, SKEWS[0]), vol_change(skews[asset])),
        ]
    value = reading.derived(_maturity(least, SKEWS[0]), vol_change(skews[least]))
    return says(f"At 7 days the skew of {least} is the lowest of all: ", value, " vol points, against ", *parts, ".")


def _told_expiry(figure: OptionsFigure) -> ExpiryFigure | None:
    """The nearest expiry with a week to go, else the last."""
    return next(
        (each for each in figure.expiries if each.days >= WEEK), figure.expiries[-1] if figure.expiries else None
    )


def _range(reading: Reading, asset: str, figure: OptionsFigure) -> Paragraph | None:
    expiry = _told_expiry(figure)
    if expiry is None:
        return None
    day = fmt.date(expiry.expiry)
    path = f"{path_of('options', asset, 'expiries')}[{day}]"
    low, high = (reading.figure(f"{path}.implied_{end}", dollars) for end in ("low", "high"))
    called = f"Options of {asset} that expire on {day}"
    lately = [
        each
        for ts, expiries in reading.points(path_of("options", asset, "expiries"))
        for each in expiries or ()
        if ts > reading.end - DAY and each.expiry == expiry.expiry
    ]
    medians = [
        _median(reading, f"{path}.implied_low", [each.implied_low for each in lately]),
        _median(reading, f"{path}.implied_high", [each.implied_high for each in lately]),
    ]
    over_a_day = f"Over the last 24 hours the median of the range that these options of {asset} imply is "
    return together(
        says(f"{called} imply a range of ", low, " to ", high, ", the quantiles of 16% and 84%."),
        says(over_a_day, medians[0], " to ", medians[1], "."),
    )


def _median(reading: Reading, path: str, values: Sequence[float | None]) -> Figure | None:
    known = [value for value in values if value is not None]
    return reading.derived(path, dollars(median(known))) if len(known) > 1 else None


def _charts(reading: Reading, known: dict[str, OptionsFigure]) -> list[Block]:
    """Volatility and skew over time, of what was known at some time."""
    volatility = {asset: path_of("options", asset, "dvol") for asset in known}
    skew = {f"{asset} {maturity}": _maturity(asset, maturity) for asset in known for maturity in SKEWS}
    charts: list[Block] = []
    for caption, paths in (("DVOL", volatility), ("Skew at 25 delta, call less put", skew)):
        lines = [ChartLine(name, path, reading.points(path)) for name, path in paths.items()]
        told = [line for line in lines if any(value is not None for _, value in line.points)]
        charts += [Chart(caption, "vol points", told)] if told else []
    return charts
