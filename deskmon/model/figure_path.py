"""Figures by name: a path into the state, such as `prices.BTC.last`, read from a `State` or from the model alone."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, NamedTuple

import msgspec

from deskmon.assets import symbols_of
from deskmon.clock import WINDOWS
from deskmon.errors import UsageError, nearest
from deskmon.model import Model, metrics, prices, returns
from deskmon.model.correlations import WINDOWS as CORRELATED
from deskmon.model.depth import BANDS, ORDERS
from deskmon.model.figure_meanings import MEANINGS
from deskmon.model.figures import ExpiryFigure, LevelFigure, State, WaveFigure
from deskmon.model.option_chain import MATURITIES
from deskmon.model.path_steps import Name, Place, Step, quoted, read_steps, write_path

BY_SYMBOL = frozenset({"prices", "funding", "open_interest", "levels", "depth"})
"""Keys of the state under which symbols stand, and an asset for its main one."""


class Keys(NamedTuple):
    """The keys of a mapping: a word for any of them, and their names where they are always the same."""

    word: str
    names: tuple[str, ...] = ()


_ASSET, _VENUE, _BAND, _ORDER = Keys("ASSET"), Keys("VENUE"), Keys("BAND", BANDS), Keys("ORDER", tuple(ORDERS))
_CHANGE = Keys("WINDOW", (*metrics.CHANGES, metrics.YEAR))

KEYS: Mapping[str, tuple[Keys, ...]] = {
    **dict.fromkeys((f"State.{name}" for name in (*BY_SYMBOL, "options", "flows")), (_ASSET,)),
    "State.holdings": (_ASSET, Keys("ENTITY")),
    "State.metrics": (Keys("METRIC"),),
    "State.correlations": (Keys("WINDOW", tuple(CORRELATED)), _ASSET, Keys("OTHER")),
    "State.feeds": (Keys("FEED"),),
    "PriceFigure.change_pct": (Keys("WINDOW", tuple(prices.CHANGES)),),
    "PriceFigure.returns": (Keys("RETURN", (*returns.LENGTHS, returns.WEEK)),),
    "LiquidationFigures.windows": (Keys("WINDOW", tuple(WINDOWS)),),
    **dict.fromkeys((f"{owner}.by_venue" for owner in ("WindowFigure", "WaveFigure")), (_VENUE,)),
    **dict.fromkeys((f"{owner}.by_symbol" for owner in ("WindowFigure", "WaveFigure")), (_ASSET,)),
    **dict.fromkeys((f"{kind}Figure.venues" for kind in ("Price", "Funding", "Interest", "Depth")), (_VENUE,)),
    "OptionsFigure.constant_maturity": (Keys("MATURITY", tuple(f"{days}d" for days in MATURITIES)),),
    **dict.fromkeys((f"{owner}.bands" for owner in ("DepthFigure", "VenueDepth")), (_BAND,)),
    **dict.fromkeys((f"{owner}.slippage" for owner in ("DepthFigure", "VenueDepth")), (_ORDER,)),
    **dict.fromkeys((f"DepthFigure.{name}" for name in ("baseline", "baseline_ratio", "then_ratio")), (_BAND,)),
    "FlowFigure.funds": (Keys("FUND"),),
    "MetricFigure.change": (_CHANGE,), "MetricFigure.change_pct": (_CHANGE,),
    "FeedFigure.channels": (Keys("CHANNEL"),),
    "State.hubs": (Keys("HUB"),), "State.alerts": (Keys("RULE"),), "State.scenarios": (Keys("SET"), Keys("PATH")),
}  # fmt: skip
"""By owner and field, the keys of each mapping in the state, the outermost first."""


class FigurePath(msgspec.Struct, frozen=True):
    """A path that can exist. `text` as it was written; `steps` from the state's key on; `type` what is there when it is
    known; `field` the innermost field on the way, `PriceFigure.last`, and its unit as `deskmon list figures` has it."""

    text: str
    steps: tuple[Step, ...]
    type: Any
    field: str
    unit: str = ""

    @property
    def is_number(self) -> bool:
        """Whether a number is there: one that can be compared, plotted and exported."""
        return self.type in (int, float)

    def of(self, state: State) -> Any:
        """What a state has there: a number, a text, a truth value, or a part of the state. None where unknown."""
        key, *rest = self.steps
        whole = state.liquidations.waves if key.text == "waves" else getattr(state, key.text)
        return _follow(whole, rest, key.text in BY_SYMBOL)[-1]

    def read(self, model: Model, now: int) -> Any:
        """The same from a model at desk time `now` (ms UTC): only what is named is computed."""
        return self.trail(model, now)[-1]

    def trail(self, model: Model, now: int) -> list[Any]:
        """The same with the parts of the state on the way to it, the outermost first: what is there is the last."""
        key, *rest = self.steps
        if key.text == "waves":
            return _follow(model.waves.figures(now), rest, False)
        if len(rest) > 1 and rest[0] == _WINDOWS and rest[1].text in WINDOWS:
            whole = len(rest) < 3 or rest[2].text in ("by_venue", "by_symbol", "largest")
            window = model.liquidations.window if whole else model.liquidations.totals
            return _follow(window(rest[1].text, now), rest[2:], False)
        if rest and key.text in _ONE_AT_A_TIME:
            names, figure = _ONE_AT_A_TIME[key.text](model)
            name = _key(rest[0].text, names, key.text in BY_SYMBOL)
            return [None] if name is None else _follow(figure(name, now) or None, rest[1:], False)
        return _follow(model.figures(key.text, now), rest, key.text in BY_SYMBOL)


_WINDOWS = Name("windows")
_ONE_AT_A_TIME: Mapping[str, Callable[[Model], tuple[Sequence[str], Callable[[str, int], Any]]]] = {
    "prices": lambda model: (model.prices.symbols, model.prices.figure),
    "funding": lambda model: (model.funding.symbols, model.funding.figure),
    "open_interest": lambda model: (model.open_interest.symbols, model.open_interest.figure),
    "levels": lambda model: (model.levels.symbols, model.levels.of),
    "depth": lambda model: (model.depth.symbols, model.depth.figure),
    "options": lambda model: (model.options.underlyings(), model.options.figure),
}
"""Parts that compute one symbol without the others: names, and the figure of a name."""


def parse(text: str) -> FigurePath:
    """`prices.BTC.last` → the path. Raises UsageError, with the nearest name, where no such figure can exist."""
    text = text.strip()
    steps = read_steps(text)
    if steps[:2] == [Name("liquidations"), Name("waves")]:
        del steps[0]  # whoever wants waves needn't pay for the windows
    at = _through_types(steps)
    return FigurePath(text=text, steps=tuple(steps), type=at.type, field=at.field, unit=at.unit)


def continuations(text: str, asset: str) -> list[str]:
    """What `text`, cut after its last dot, can go on with: `prices.BTC.la` → `prices.BTC.last` and all beside it. What
    has figures in it is there twice, the second time with the sign that leads on. `asset` is offered for any asset."""
    before = text[: max(text.rfind("."), 0)]
    try:
        at = _through_types(read_steps(before)) if before else _At("", State, "")
        names = _next_names(at, asset)
        return [each for name in names for each in _leading_on(write_path(before, Name(name)))]
    except UsageError:
        return []


def _next_names(at: _At, asset: str) -> Sequence[str]:
    if _is_struct(at.type):
        return _field_names(at.type)
    if typing.get_origin(at.type) is dict:
        return at.keys[0].names or ((asset,) if at.keys[0] is _ASSET else ())
    return ("current",) if at.type == list[WaveFigure] else ()


def _leading_on(path: str) -> tuple[str, ...]:
    """A path, and how it goes on where something is in it."""
    kind = _through_types(read_steps(path)).type
    if typing.get_origin(kind) is list:
        return path, f"{path}["
    return (path, f"{path}.") if _is_struct(kind) or typing.get_origin(kind) is dict else (path,)


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _field_names(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    return (*fields(struct), "waves") if struct is State else tuple(fields(struct))


class _At(NamedTuple):
    """How far a path has been followed through the types: the path so far, what is there, the innermost field, and the
    keys of the mapping there."""

    path: str
    type: Any
    field: str
    keys: tuple[Keys, ...] = ()
    unit: str = ""


_WAVES = _At("waves", list[WaveFigure], "LiquidationFigures.waves")


def _through_types(steps: Sequence[Step]) -> _At:
    """Where steps lead in the state. Raises UsageError where they lead nowhere."""
    at = _At("", State, "")
    for step in steps:
        at = _WAVES if step == Name("waves") and not at.path else _go(at, step)
    return at


def _go(at: _At, step: Step) -> _At:
    """One step on. Raises UsageError where none leads there."""
    path, kind = write_path(at.path, step), at.type
    if _is_struct(kind):
        names = _field_names(kind)
        if isinstance(step, Place) or step.text not in names:
            raise _no_figure(at.path, step, names)
        field = f"{kind.__name__}.{step.text}"
        return _At(path, known(fields(kind)[step.text]), field, KEYS.get(field, ()), _unit(kind, step.text))
    if typing.get_origin(kind) is dict:
        keys = at.keys[0]
        if isinstance(step, Place) or (keys.names and step.text not in keys.names):
            raise _no_key(at.path, step, keys)
        return _At(path, known(typing.get_args(kind)[1]), at.field, at.keys[1:], at.unit)
    if typing.get_origin(kind) is list:
        (kind,) = typing.get_args(kind)
        _check_place(kind, step, at.path)
        return _At(path, kind, at.field, unit=at.unit)
    raise UsageError(f"{at.path} has no parts", f"end the path there: {at.path}")


def meaning_of(struct: type, field: str) -> tuple[str, str]:
    """(unit, meaning) of a field, of the struct that declares it or of one it is made from. Raises StopIteration where
    it is a part of the state."""
    return next(own[field] for each in struct.__mro__ if field in (own := MEANINGS.get(each.__name__, {})))


def _unit(struct: type, field: str) -> str:
    try:
        return meaning_of(struct, field)[0]
    except StopIteration:
        return ""


def known(kind: Any) -> Any:
    """`float | None` → `float`; what may be of several types stays as it is."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        several = [each for each in typing.get_args(kind) if each is not type(None)]
        kind = several[0] if len(several) == 1 else kind
    return kind


@cache
def fields(struct: type[msgspec.Struct]) -> Mapping[str, Any]:
    """Types of a struct's fields by name."""
    return {each.name: each.type for each in msgspec.structs.fields(struct)}


def _check_place(kind: Any, step: Step, where: str) -> None:
    if kind is WaveFigure and step == Name("current"):
        return
    wanted, example = "a position", "0"
    if kind is LevelFigure:
        wanted, example = "a price", "85000"
    elif kind is ExpiryFigure:
        wanted, example = "a date", "2026-03-27"
    if isinstance(step, Name) or _place(kind, step.text) is None:
        current = f", or {where}.current" if kind is WaveFigure else ""
        raise UsageError(
            f"{where} is a list, and {step.text!r} picks nothing in it",
            f"name {wanted} in brackets: {where}[{example}]{current}",
        )


def _place(kind: Any, text: str) -> float | date | int | None:
    """What brackets say of a list of `kind`; None where it is nothing of that."""
    try:
        if kind is LevelFigure:
            price = float(text)
            return price if 0 < price < float("inf") else None
        return date.fromisoformat(text) if kind is ExpiryFigure else int(text)
    except ValueError:
        return None


def _no_figure(where: str, step: Step, names: Sequence[str]) -> UsageError:
    remedy = "`deskmon list figures` prints them all"
    if close := nearest(step.text, names):
        remedy = f"did you mean {write_path(where, Name(close))}?"
    return UsageError(f"there is no figure {write_path(where, step)}", remedy)


def _no_key(where: str, step: Step, keys: Keys) -> UsageError:
    valid = ", ".join(map(quoted, keys.names)) or f"{where}.{keys.word}"
    return UsageError(f"there is no figure {write_path(where, step)}", f"valid: {valid}")


def _key(name: str, names: Collection[str], by_symbol: bool) -> str | None:
    """The key that `name` is, or that it stands for; None where there is none."""
    if name in names:
        return name
    return next(iter(symbols_of(name, names)), None) if by_symbol else None


def _follow(value: Any, steps: Sequence[Step], by_symbol: bool) -> list[Any]:
    """`value` and what each step leads to; cut after a None."""
    trail = [value]
    for step in steps:
        if value is None:
            return trail
        if isinstance(value, dict):
            value = value.get(_key(step.text, value, by_symbol))
        elif isinstance(value, list):
            value = _pick(value, step)
        else:
            value = getattr(value, step.text)
        trail.append(value)
        by_symbol = False
    return trail


def _pick(values: list[Any], step: Step) -> Any:
    if not values:
        return None
    if isinstance(step, Name):
        return next((wave for wave in reversed(values) if wave.state != "over"), None)
    place = _place(type(values[0]), step.text)
    if isinstance(place, date):
        return next((each for each in values if _day(each.expiry) == place), None)
    if isinstance(place, float):
        return _level_at(values, place)
    assert place is not None
    return values[place] if -len(values) <= place < len(values) else None


def _day(ts: int) -> date:
    return datetime.fromtimestamp(ts / 1000, UTC).date()


def _level_at(levels: list[LevelFigure], price: float) -> LevelFigure | None:
    """The zone that holds `price`, else the pin within whose tolerance it lies; of several the one whose price is
    nearest."""
    holding = [level for level in levels if level.low <= price <= level.high]
    pins = [
        level
        for level in levels
        if level.pinned and abs(level.price - price) <= level.tolerance_pct / 100 * level.price
    ]
    return min(holding or pins, key=lambda level: abs(level.price - price), default=None)
