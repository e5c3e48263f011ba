"""What a rule on the figure under the cursor would say: a comparison near its present value, for a trader to change."""

from __future__ import annotations

import re

from deskmon.alerts.hysteresis import beside, plain

__all__ = [
    "awaited",
    "proposal",
]

_PLAIN = re.compile(r"[A-Za-z_][\w-]*")


def proposal(part: str, subject: str, rest: str, value: float | None, *, is_above: bool = False) -> str:
    """`prices.BTC.last < 84710.7`: of a figure below `part` of the state that is `value` now the comparison with what
    is a tenth of a percent away, so that it doesn't hold at once; "" where the value isn't known. is_above: it waits
    for more, else for less."""
    return "" if value is None else awaited(part, subject, rest, beside(value, above=is_above), is_above=is_above)


def awaited(part: str, subject: str, rest: str, threshold: float, *, is_above: bool) -> str:
    """The same with a threshold that is known, as a level's."""
    name = subject if not subject or _PLAIN.fullmatch(subject) else f'"{subject}"'
    figure = ".".join(filter(None, (part, name, rest)))
    return f"{figure} {'>' if is_above else '<'} {plain(threshold)}"
