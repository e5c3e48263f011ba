"""What a rule on the figure under the cursor would say: a comparison with its present value, for a trader to change."""

from __future__ import annotations

import re

__all__ = [
    "proposal",
]

_PLAIN = re.compile(r"[A-Za-z_][\w-]*")


def proposal(part: str, subject: str, rest: str, value: float | None, *, is_above: bool = False) -> str:
    """`prices.BTC.last < 84812.5`: of a figure below `part` of the state the comparison with `value`; "" where that
    isn't known. is_above: it waits for more, else for less."""
    if value is None:
        return ""
    name = subject if not subject or _PLAIN.fullmatch(subject) else f'"{subject}"'
    figure = ".".join(filter(None, (part, name, rest)))
    return f"{figure} {'>' if is_above else '<'} {_written(value)}"


def _written(value: float) -> str:
    """In as many digits as matter, without an exponent."""
    if value == round(value) or abs(value) >= 1e6:
        return f"{value:.0f}"
    digits = 2 if abs(value) >= 100 else 6
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")
