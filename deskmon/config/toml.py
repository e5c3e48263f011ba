"""TOML that somebody wrote, as plain data: whatever is wrong with a text is told in one way."""

from __future__ import annotations

from typing import Any

import tomli

from deskmon.config.findings import Path, dotted

WHOLE = range(-(2**63), 2**63)
"""The whole numbers that TOML has."""

FAULTS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a parser may raise of a text that it doesn't understand."""


class NotToml(ValueError):
    """The text can't be read; `place` is `line:column` behind a colon, or empty where the parser doesn't say."""

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.place = place


def parse(text: str) -> dict[str, Any]:
    """The data of a TOML text. Raises NotToml for any other, and for whole numbers that TOML doesn't have."""
    try:
        data = tomli.loads(text)
    except tomli.TOMLDecodeError as fault:
        raise NotToml(fault.msg, f":{fault.lineno}:{fault.colno}") from fault
    except RecursionError as fault:
        raise NotToml("nested too deep") from fault
    except FAULTS as fault:
        raise NotToml("a value in it can't be read, such as a number of thousands of digits") from fault
    _check(data, ())
    return data


def _check(value: Any, path: Path) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _check(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check(item, (*path, index))
    elif isinstance(value, int) and value not in WHOLE:
        raise NotToml(f"{dotted(path)} is a whole number beyond 64 bits")
