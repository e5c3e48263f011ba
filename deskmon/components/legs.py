"""One comparison of a rule in words: what it reads, what that is now, how far it is from its threshold."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from deskmon import format as fmt
from deskmon.events import LegReading

__all__ = [
    "MET",
    "LegWords",
    "leg_words",
]

MET: dict[bool | None, tuple[str, str]] = {True: ("✓", "ok"), False: ("✗", "muted"), None: ("?", "warn")}
"""Whether a comparison holds: its sign and style."""
FAR = 1_000.0
"""Percent from which on a distance says nothing."""
MOST_MORE = 9
"""Fewer digits than so many tell a value from its threshold."""
_LEG = (
    r"(?P<figure>\S(?:[^<>=!]*?\S)??)(?P<change>\s+change(?:_pct)?\s+\S+)?\s+"
    r"(?P<op>>=|<=|!=|=|>|<|in\b|crosses\s+above|crosses\s+below|known|unknown)\s*(?P<threshold>.*)"
)
_THRESHOLD = r"([+-]?\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)\s*([KMBT%smhd]?)"
_FACTORS = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12, "%": 0.01, "s": 1e3, "m": 60e3, "h": 3_600e3, "d": 86_400e3}
_PLACE = r"\[([\d.]+)\]"
_SUBJECT = r"""\.(?:"([^"]+)"|'([^']+)'|([^.\[\]\s]+))"""
_KEYED = frozenset({"prices", "funding", "open_interest", "levels", "depth", "options", "flows", "metrics", "feeds"})


class LegWords(NamedTuple):
    """A comparison in its parts. `part`: the state's key; `subject`: asset, feed or series below it; `place`: the price
    in brackets. `comparison`: its word, as `>=` or `crosses above`. `value`, `threshold` and `away` (from the value to
    the threshold) as they are shown."""

    figure: str
    part: str
    subject: str
    place: float | None
    comparison: str
    value: str
    threshold: str
    away: str
    text: str

    @property
    def words(self) -> str:
        """The comparison and what it reads now."""
        return f"{self.text} ({self.value})" if self.value != fmt.UNKNOWN else self.text


@lru_cache(maxsize=4096)
def leg_words(leg: LegReading) -> LegWords:
    """What a comparison says. Of a text that none understands the value alone."""
    found = re.fullmatch(_LEG, leg.text.strip())
    figure = found["figure"] if found else leg.text.strip()
    threshold = found["threshold"].strip() if found else ""
    is_change = bool(found and found["change"])
    part, _, _ = re.split(r"([.\[])", figure, maxsplit=1) if re.search(r"[.\[]", figure) else (figure, "", "")
    subject = re.search(_SUBJECT, figure) if part in _KEYED else None
    place = re.search(_PLACE, figure)
    return LegWords(
        figure=figure, part=part, subject=next(filter(None, subject.groups()), "") if subject else "",
        place=float(place[1]) if place else None, comparison=" ".join(found["op"].split()) if found else "",
        value=_told_apart(leg.value, threshold, figure, found["change"] if found else None),
        threshold=threshold, away=_away(leg.value, threshold, is_change, figure), text=leg.text.strip(),
    )  # fmt: skip


def _told_apart(value: bool | float | str | None, threshold: str, figure: str, change: str | None) -> str:
    """The value in as many digits as it takes not to look like a threshold that it isn't: 99.997 beside 100."""
    wanted = _number(threshold)
    told = _shown(value, figure, change)
    if wanted is None or isinstance(value, bool | str) or value in (None, wanted):
        return told
    for more in range(1, MOST_MORE):
        if told != _shown(wanted, figure, change, more - 1):
            break
        told = _shown(value, figure, change, more)
    return told


def _shown(value: bool | float | str | None, figure: str, change: str | None, more: int = 0) -> str:
    """As its figure is written; with `more` digits than usual."""
    if value is None:
        return fmt.UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    last = figure.rpartition(".")[2]
    if (change and "change_pct" in change) or "_pct" in figure:
        return fmt.percent(value, 2 + more)
    if last.endswith("_ms"):
        return f"{value / 1000:,.{more - 1}f}s" if more else fmt.age(value)
    if last.endswith("usd"):
        return f"{value:,.{more - 1}f}" if more else fmt.amount(value)
    if figure.startswith("prices.") or last in ("low", "high", "price"):
        return f"{value:,.{more}f}" if more else fmt.price(value)
    if last in ("rate", "rate_8h", "mean_8h", "mean_apr", "apr"):
        return fmt.percent(value * 100, more + (4 if "8h" in last or last == "rate" else 1))
    if abs(value) >= 1_000:
        return f"{value:,.{more - 1}f}" if more else fmt.amount(value)
    return f"{value:.{4 + more}g}".replace("-", fmt.MINUS)


def _away(value: bool | float | str | None, threshold: str, is_change: bool, figure: str) -> str:
    """From the value to the threshold, in percent of the value; of a change, a percentage or a rank in its own
    units."""
    wanted = _number(threshold)
    if wanted is None or isinstance(value, bool | str) or value is None:
        return ""
    if is_change or value == 0 or figure.endswith(("_pct", "rank", "percentile", "share")):
        return f"{wanted - value:+.2f}".replace("-", fmt.MINUS)
    percent = (wanted - value) / abs(value) * 100
    return fmt.percent(percent, 1) if abs(percent) < FAR else ""


def _number(text: str) -> float | None:
    found = re.fullmatch(_THRESHOLD, text, re.IGNORECASE)
    if found is None:
        return None
    unit = found[2] if found[2] in _FACTORS else found[2].upper()
    return float(found[1].replace("_", "")) * _FACTORS.get(unit, 1.0)
