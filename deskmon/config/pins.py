"""Writes the operator's pinned levels into deskmon.toml, and leaves the rest of the file as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Array, InlineTable

from deskmon.analytics.level_settings import Pinned
from deskmon.config.files import edit
from deskmon.errors import DeskError

REMEDY = "add it to [[levels.pins]] by hand"


def write_pin(path: Path, pin: Pinned) -> Path:
    """Add a pin to the file, comments and order kept, and return where it was written; one of the same symbol and price
    gets the new label instead. Raises DeskError where the file can't be read, changed or written."""
    return edit(path, lambda text: with_pin(text, pin), REMEDY)


def with_pin(text: str, pin: Pinned) -> str:
    """`text`, a deskmon.toml, with the pin in it: a table of its own at the end, where no comment is torn from what it
    is about, or one more entry where `levels.pins` is an array. Raises ValueError where it isn't TOML, DeskError
    where its `levels` can't take a pin."""
    document = tomlkit.parse(text)
    levels = document.get("levels", {})
    pins = levels.get("pins", []) if isinstance(levels, dict) else None
    if not isinstance(pins, list) or isinstance(levels, InlineTable):
        raise DeskError("levels can't take a pin as it is written", REMEDY)
    same = next((each for each in pins if _same(each, pin)), None)
    values = {"symbol": pin.symbol, "price": pin.price, "low": pin.low, "high": pin.high, "label": pin.label or None}
    known = {name: _plain(value) for name, value in values.items() if value is not None}
    if same is not None:
        same["label"] = pin.label
    elif isinstance(pins, Array):
        new = tomlkit.inline_table()
        new.update(known)
        pins.append(new)
    else:
        lines = ["", "[[levels.pins]]", *tomlkit.dumps(known).rstrip("\n").split("\n"), ""]
        ending = "\r\n" if "\r\n" in text else "\n"
        kept = text.rstrip("\r\n")
        return (kept + ending if kept else "") + ending.join(lines if kept else lines[1:])
    return tomlkit.dumps(document)


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _same(each: Any, pin: Pinned) -> bool:
    return isinstance(each, dict) and all(
        each.get(name) == getattr(pin, name) for name in ("symbol", "price", "low", "high")
    )
