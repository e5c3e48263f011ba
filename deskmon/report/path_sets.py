"""Many paths of figures in few words: `liquidations.windows.{24h, 7d}.{usd, count}` stands for four."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_STEP = re.compile(r'"[^"]*"|\[[^\]]*\]?|[^.\["]+|.')
"""A key, a key in quotes, a place in brackets."""

Steps = tuple[tuple[str, ...], ...]
"""At each place the keys that stand there."""


def together(paths: Iterable[str]) -> list[str]:
    """The paths in the order of the first of each set. A set is what its braces give when each key of one is written
    with each of the others: exactly these paths and no other."""
    sets: dict[Steps, None] = {tuple((step,) for step in _STEP.findall(path) if step != "."): None for path in paths}
    for place in range(max(map(len, sets), default=0) - 1, -1, -1):
        sets = _merged(sets, place)
    return list(map(_written, sets))


def _merged(sets: Iterable[Steps], place: int) -> dict[Steps, None]:
    """The sets, with those as one that differ at one place alone."""
    groups: dict[tuple[Steps, Steps, bool], list[str]] = {}
    whole: dict[Steps, None] = {}
    for steps in sets:
        if place >= len(steps):
            whole[steps] = None
            continue
        key = steps[:place], steps[place + 1 :], steps[place][0].startswith("[")
        groups.setdefault(key, []).extend(steps[place])
    return {**{(*before, tuple(keys), *after): None for (before, after, _), keys in groups.items()}, **whole}


def _written(steps: Steps) -> str:
    words = ""
    for keys in steps:
        is_place = keys[0].startswith("[")
        words += ("" if is_place or not words else ".") + _keys(keys, is_place=is_place)
    return words


def _keys(keys: Sequence[str], *, is_place: bool) -> str:
    if len(keys) == 1:
        return keys[0]
    return f"[{', '.join(key[1:-1] for key in keys)}]" if is_place else f"{{{', '.join(keys)}}}"
