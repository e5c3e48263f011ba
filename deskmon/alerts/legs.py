"""Legs: one comparison of a figure, as it is written in deskmon.toml.

`FIGURE [change|change_pct DURATION] OP VALUE`, `FIGURE known|unknown`, `FIGURE crosses above|below VALUE`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, NoReturn, get_args, get_origin

import msgspec

from deskmon.alerts.values import number
from deskmon.errors import UsageError, nearest
from deskmon.model.figure_path import FigurePath, parse
from deskmon.timeline import parse_duration

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
OPERATORS = (*_COMPARE, "=", "!=", "in")
Kind = Literal["compare", "known", "unknown", "above", "below"]
Value = bool | float | str
_FIGURE = re.compile(r"""\s*(?P<figure>(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'<>=!])+)(?P<rest>.*)""", re.DOTALL)
_WORD = re.compile(r"""\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[<>!=]=?|[^\s<>=!"]+))""")
_FORM = "write FIGURE OP VALUE, FIGURE known, or FIGURE crosses above VALUE"


class Leg(msgspec.Struct, frozen=True):
    """`text` as it was written; `path` its figure. `kind`: how it is judged; `op` and `operands` of a comparison, one
    value but for `in`; of a crossing the threshold. `change`: it compares the change over `span` ms."""

    text: str
    path: FigurePath
    kind: Kind
    op: str = ""
    operands: tuple[Value, ...] = ()
    change: Literal["", "change", "change_pct"] = ""
    span: int = 0

    @property
    def part(self) -> str:
        """The key of the state that its figure is under."""
        return self.path.steps[0].text

    def holds(self, value: Value) -> bool:
        """Whether a known value meets the comparison, or is beyond the threshold of the crossing."""
        if self.op in _COMPARE:
            return bool(_COMPARE[self.op](value, self.operands[0]))
        return (value in self.operands) is not (self.op == "!=")


@lru_cache(maxsize=4_096)
def parse_leg(text: str) -> Leg:
    """A leg. Raises UsageError that says what is wrong with it and what to write."""
    match = _FIGURE.match(text)
    if match is None:
        raise UsageError(f"{text[:80]!r} is no comparison", _FORM)
    path, words = parse(match["figure"]), _words(match["rest"], text)
    if not _is_value(path.type):
        raise UsageError(f"{path.text} is no single figure", f"name one of its parts: {path.text}.…")
    change, span = "", 0
    if words[:1] in (["change"], ["change_pct"]):
        change, span = words[0], _span(words, text)
        words = words[2:]
        if not path.is_number:
            raise UsageError(f"{path.text} is no number, so it has no {change}", _FORM)
    unit = "%" if change == "change_pct" else path.unit
    leg = _judged(words, path, unit, text)
    return msgspec.structs.replace(leg, text=" ".join(text.split()), change=change, span=span)


def _judged(words: Sequence[str], path: FigurePath, unit: str, text: str) -> Leg:
    """The leg that the words behind a figure mean."""
    if words in (["known"], ["unknown"]):
        return Leg(text, path, "known" if words[0] == "known" else "unknown")
    if words[:1] == ["crosses"]:
        if len(words) != 3 or words[1] not in ("above", "below"):
            raise UsageError(f"{text[:80]!r}: a figure crosses above or below one value", "write crosses above 85000")
        if not path.is_number:
            raise UsageError(f"{path.text} is no number, so it crosses nothing", _FORM)
        op = ">" if words[1] == "above" else "<"
        return Leg(text, path, "above" if op == ">" else "below", op, (number(words[2], unit),))
    if not words or words[0] not in OPERATORS:
        _no_operator(words, text)
    op, values = words[0], words[1:]
    if not values or (op != "in" and len(values) > 1):
        raise UsageError(
            f"{text[:80]!r} compares with {len(values)} values", f"{op} takes one value; `in` takes several"
        )
    return Leg(text, path, "compare", op, tuple(_value(value, op, path, unit) for value in values))


def _no_operator(words: Sequence[str], text: str) -> NoReturn:
    known = (*OPERATORS, "change", "change_pct", "known", "unknown", "crosses")
    if not words:
        raise UsageError(f"{text[:80]!r} compares with nothing", _FORM)
    hint = {"==": "=", "is": "="}.get(words[0]) or nearest(words[0], known)
    raise UsageError(
        f"{words[0]!r} is no comparison", f"did you mean {hint!r}?" if hint else f"valid: {' '.join(known)}"
    )


def _value(text: str, op: str, path: FigurePath, unit: str) -> Value:
    """A value of the type that its figure has."""
    if path.is_number:
        return number(text, unit)
    if op not in ("=", "!=", "in"):
        raise UsageError(f"{path.text} is no number, so {op} says nothing of it", "write =, != or in")
    if path.type is bool:
        if text not in ("true", "false"):
            raise UsageError(f"{path.text} is true or false, not {text!r}", "write = true or = false")
        return text == "true"
    choices = words_of(path)
    if choices and text not in choices:
        close = nearest(text, choices)
        hint = f"did you mean {close!r}?" if close else f"valid: {' '.join(choices)}"
        raise UsageError(f"{path.text} is never {text!r}", hint)
    return text


def words_of(path: FigurePath) -> tuple[str, ...]:
    """The words that a figure can be, () where any text or a number is there."""
    return get_args(path.type) if get_origin(path.type) is Literal else ()


def _is_value(kind: Any) -> bool:
    """Whether something that can be compared is there: no part of the state, no mapping, no list."""
    if get_origin(kind) in (dict, list):
        return False
    return not (isinstance(kind, type) and issubclass(kind, msgspec.Struct))


def _span(words: Sequence[str], text: str) -> int:
    if len(words) < 2:
        raise UsageError(f"{text[:80]!r}: over which time?", "write change 4h")
    return parse_duration(words[1])


def _words(rest: str, text: str) -> list[str]:
    words, at = [], 0
    rest = rest.rstrip()
    while at < len(rest):
        match = _WORD.match(rest, at)
        if match is None:
            raise UsageError(f"{text[:80]!r}: a quote isn't closed", _FORM)
        words.append(match["bare"] if match["quoted"] is None else match["quoted"])
        at = match.end()
    return words
