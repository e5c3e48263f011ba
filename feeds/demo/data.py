"""Figures of demos: TOML files beside the code that reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, TypeVar

import msgspec
import tomli

Figures = TypeVar("Figures")


def read(package: str, names: Sequence[str], kind: type[Figures]) -> Figures:
    """The files `names` of a package together, as `kind`; times become ms UTC. Raises ValueError where they differ."""
    data: dict[str, Any] = {}
    for name in names:
        _add(data, tomli.loads(files(package).joinpath(name).read_text(encoding="utf-8")))
    return msgspec.convert(_in_ms(data), kind)


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
