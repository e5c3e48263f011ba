"""Figures of demos: TOML files beside the code that reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import tomli

Figures = TypeVar("Figures")
_HERE = Path(__file__).parent


def read(folder: str, names: Sequence[str], kind: type[Figures]) -> Figures:
    """The files `names` of a folder here together, as `kind`; times become ms UTC. Raises ValueError where they
    differ."""
    data: dict[str, Any] = {}
    for name in names:
        _add(data, tables(folder, name))
    return msgspec.convert(_in_ms(data), kind)


def tables(folder: str, name: str) -> dict[str, Any]:
    """The tables of one file of a folder here."""
    return tomli.loads((_HERE / folder / name).read_text(encoding="utf-8"))


def _add(data: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(data.get(key), dict):
            _add(data[key], value)
        else:
            data[key] = value


def _in_ms(value: Any) -> Any:
    if isinstance(value, datetime):
        return round(value.astimezone(UTC).timestamp() * 1000)
    if isinstance(value, dict):
        return {key: _in_ms(each) for key, each in value.items()}
    return [_in_ms(each) for each in value] if isinstance(value, list) else value
