"""All figures of the state: the path of each, its unit and its meaning."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from deskmon.model.figure_path import KEYS, fields, known, meaning_of
from deskmon.model.figures import ExpiryFigure, LevelFigure, State, WaveFigure
from deskmon.model.path_steps import Name, write_path

PLACES = {LevelFigure: "[PRICE]", ExpiryFigure: "[DATE]", WaveFigure: ".current"}
"""What picks one of a list; of any other a position does."""


class Described(NamedTuple):
    """A figure: its path with words in capitals for keys and places, its unit, its meaning, and the keys that are
    always the same by their words."""

    figure: str
    unit: str
    meaning: str
    keys: dict[str, tuple[str, ...]]

    @property
    def words(self) -> str:
        """The meaning, and what may stand for the words of its keys: `… (WINDOW: 1h 24h 7d)`."""
        choices = "; ".join(f"{word}: {' '.join(names)}" for word, names in self.keys.items())
        return f"{self.meaning} ({choices})" if choices else self.meaning


def figures() -> list[Described]:
    """All of them, in the order of the state."""
    return list(_of_struct(State, "", {}))


def _of_struct(struct: type[msgspec.Struct], path: str, keys: dict[str, tuple[str, ...]]) -> Iterator[Described]:
    for name, kind in fields(struct).items():
        yield from _of(struct, name, known(kind), write_path(path, Name(name)), keys, 0)


def _of(
    struct: type[msgspec.Struct], field: str, kind: Any, path: str, keys: dict[str, tuple[str, ...]], depth: int
) -> Iterator[Described]:
    """Figures at `path`: of the type `kind`, in a mapping within `depth` others of the field."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield from _of_struct(kind, path, keys)
    elif typing.get_origin(kind) is dict:
        word, names = KEYS[f"{struct.__name__}.{field}"][depth]
        keys = {**keys, word: names} if names else keys
        yield from _of(struct, field, known(typing.get_args(kind)[1]), write_path(path, Name(word)), keys, depth + 1)
    elif typing.get_origin(kind) is list:
        (each,) = typing.get_args(kind)
        if isinstance(each, type) and issubclass(each, msgspec.Struct):
            path = "waves" if each is WaveFigure else path
            yield from _of_struct(each, path + PLACES.get(each, "[0]"), keys)
        else:
            yield from _of(struct, field, each, f"{path}[0]", keys, depth)
    else:
        yield Described(path, *meaning_of(struct, field), keys)
