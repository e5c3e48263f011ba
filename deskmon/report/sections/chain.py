"""On-chain: at a profit or a loss coins are moved, what is borrowed, how many dollars stand by as stablecoins."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon import format as fmt
from deskmon.model import Model
from deskmon.report.content import Block, Paragraph
from deskmon.report.extremes import extreme_note
from deskmon.report.phrases import path_of, signed_percent, signed_usd, usd
from deskmon.report.reading import Reading, says, together
from deskmon.report.sections import series_phrases as series

SOPR = {
    "sopr_sth": "short-term holders (coins held for less than 155 days)",
    "sopr_lth": "long-term holders (coins held for 155 days or more)",
}
LOANS = {
    "active_loans": "all active loans on Aave", "loans_usde": "USDe loans on Aave", "loans_weth": "WETH loans on Aave",
    "loans_lst": "loans of liquid staking tokens on Aave",
}  # fmt: skip


def tracked(model: Model, assets: Sequence[str]) -> list[str]:
    """Nothing: a series keeps its own past."""
    return []


def write(reading: Reading) -> list[Block]:
    """A paragraph of spent coins, one of loans, one of stablecoins."""
    told = (
        together(*(_sopr(reading, name, holders) for name, holders in SOPR.items())),
        together(*(_loans(reading, name, called) for name, called in LOANS.items())),
        _stablecoins(reading),
    )
    return [paragraph for paragraph in told if paragraph is not None]


def _sopr(reading: Reading, name: str, holders: str) -> Paragraph | None:
    figure = series.known(reading, name)
    if figure is None:
        return None
    gain = 100 * (figure.value - 1)
    kind = "a loss" if gain < 0 else "a profit"
    month = series.change(reading, name, "30d", lambda change: fmt.percent(change, 2).removesuffix("%"))
    extreme = extreme_note(figure.since, figure.ts)
    return together(
        says(
            f"SOPR of {holders} is ", series.value(reading, name, lambda value: f"{value:.2f}"),
            f"{series.age_note(figure)}: they move coins at {kind} (",
            reading.derived(path_of("metrics", name, "value"), signed_percent(gain)),
            f"), the {extreme}." if extreme else ").",
        ),
        says(f"The SOPR of {holders.partition(' (')[0]} changed by ", month, " over 30 days."),
    )  # fmt: skip


def _loans(reading: Reading, name: str, called: str) -> Paragraph | None:
    figure = series.known(reading, name)
    if figure is None:
        return None
    return together(
        says(
            f"{called[0].upper()}{called[1:]} are ", series.value(reading, name, usd), series.age_note(figure), ", ",
            series.percent(reading, name, "30d"), " over 30 days.",
        ),
        series.from_peak(reading, name, called, usd),
    )  # fmt: skip


def _stablecoins(reading: Reading) -> Paragraph | None:
    name = "stablecoin_supply"
    figure = series.known(reading, name)
    if figure is None:
        return None
    return together(
        says(
            "The supply of stablecoins is ", series.value(reading, name, usd), series.age_note(figure), ", ",
            series.change(reading, name, "7d", signed_usd), " over seven days.",
        ),
        says("Over 30 days it changed by ", series.change(reading, name, "30d", signed_usd), "."),
    )  # fmt: skip
