"""Columns of frames, made of pieces: numbers as float64, words as categoricals, times in UTC."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from deskmon.archive.tables import Form

_NAT = np.iinfo(np.int64).min


class Cells:
    """The values of one column, None where unknown. What was added is held as arrays, not as objects."""

    def __init__(self, form: Form, values: Sequence[Any] = ()) -> None:
        self._form = form
        self._pieces: list[Any] = []
        self._codes: dict[str, int] = {}
        self.add(values)

    def add(self, values: Sequence[Any]) -> None:
        """Add some."""
        piece = _PIECES[self._form](values) if self._form != "word" else self._coded(values)
        self._pieces.append(piece)

    def column(self) -> Any:
        """All of them, as pandas has such a column."""
        whole = np.concatenate(self._pieces)
        if self._form == "word":
            return pd.Categorical.from_codes(whole, categories=pd.Index(list(self._codes), dtype=object))
        return _COLUMNS.get(self._form, lambda values: values)(whole)

    def _coded(self, values: Sequence[str | None]) -> Any:
        codes = self._codes
        return np.array([-1 if each is None else codes.setdefault(each, len(codes)) for each in values], dtype=np.int32)


def _numbers(values: Sequence[float | None]) -> Any:
    return np.array([np.nan if each is None else each for each in values], dtype=np.float64)


def _times(values: Sequence[int | None]) -> Any:
    return np.array([_NAT if each is None else each for each in values], dtype=np.int64)


def _days(values: Sequence[str | None]) -> Any:
    return np.array(["NaT" if each is None else each for each in values], dtype="datetime64[D]")


def _objects(values: Sequence[Any]) -> Any:
    made = np.empty(len(values), dtype=object)
    made[:] = list(values)
    return made


def _lists(values: Sequence[Sequence[float]]) -> Any:
    made = np.empty(len(values), dtype=object)
    for place, each in enumerate(values):
        made[place] = np.array(each, dtype=np.float64)
    return made


def _decoded(values: Sequence[str | None]) -> Any:
    return _objects([None if each is None else msgspec.json.decode(each) for each in values])


def _whole(values: Any) -> Any:
    """int64; where some are unknown Int64, which has a word for that."""
    known = [each for each in values if each is not None]
    return values.astype(np.int64) if len(known) == len(values) else pd.array(values, dtype="Int64")


def _truths(values: Any) -> Any:
    known = [each for each in values if each is not None]
    return values.astype(bool) if len(known) == len(values) else pd.array(values, dtype="boolean")


def _texts(values: Any) -> Any:
    return pd.array(values, dtype="string")


_PIECES: Mapping[Form, Callable[[Sequence[Any]], Any]] = {
    "time": _times, "date": _days, "number": _numbers, "integer": _objects, "boolean": _objects, "text": _objects,
    "words": _objects, "numbers": _lists, "number by name": _objects, "text by name": _objects, "json": _decoded,
}  # fmt: skip
_COLUMNS: Mapping[Form, Callable[[Any], Any]] = {
    "time": lambda whole: pd.DatetimeIndex(whole.view("datetime64[ms]")).tz_localize("UTC"),
    "date": lambda whole: pd.DatetimeIndex(whole.astype("datetime64[s]")),
    "integer": _whole, "boolean": _truths, "text": _texts,
}  # fmt: skip
