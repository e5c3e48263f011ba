"""The configuration in use, written as TOML that loads to the same configuration again."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from deskmon.config.findings import Path, dotted
from deskmon.config.schema import Config


def to_toml(config: Config, origins: Mapping[Path, str] | None = None) -> str:
    """`config` as TOML, defaults included. `origins`, as in `Loaded`, adds to each value where it comes from."""
    return "\n".join(_table(tree(config), (), origins)).strip() + "\n"


def tree(config: Config) -> dict[str, Any]:
    """`config` as plain data in the shape of the file: a feed's options stand beside its `type`."""
    times = (datetime.datetime, datetime.date, datetime.time)
    data: dict[str, Any] = msgspec.to_builtins(config, builtin_types=times)
    del data["extends"]  # what is shown is whole: what the shared file said is in it
    for feed in data["feeds"].values():
        feed.update(feed.pop("options"))
    return data


def _table(data: Mapping[str, Any], path: Path, origins: Mapping[Path, str] | None) -> Iterator[str]:
    """Lines of the table at `path`: its own values, then the tables below it."""
    below: list[tuple[str, Any]] = []
    for key, value in data.items():
        if isinstance(value, dict) or _is_tables(value):
            below.append((key, value))
        elif value is None:
            yield f"# {key} is not set"
        else:
            yield f"{dotted((key,))} = {_value(value)}{_comment((*path, key), origins)}"
    for key, value in below:
        inner = (*path, key)
        if isinstance(value, dict):
            own_values = any(not isinstance(item, dict) for item in value.values())
            if own_values or not (value or isinstance(inner[-2:][0], int)):
                yield from ("", f"[{_header(inner)}]")
            yield from _table(value, inner, origins)
        else:
            for index, item in enumerate(value):
                yield from ("", f"[[{_header(inner)}]]")
                yield from _table(item, (*inner, index), origins)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(item, dict) for item in value)


def _header(path: Path) -> str:
    return dotted(tuple(part for part in path if isinstance(part, str)))


def _value(value: Any) -> str:
    import tomlkit

    return str(tomlkit.item(value).as_string())


def _comment(path: Path, origins: Mapping[Path, str] | None) -> str:
    if origins is None:
        return ""
    inside = next((depth for depth, part in enumerate(path) if isinstance(part, int)), len(path))
    return f"  # {origins.get(path[:inside], 'default')}"
