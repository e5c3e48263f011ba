"""What a trader may change in a panel, declared: one line gives the key, the option, the footer's word and the note."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

import msgspec

if TYPE_CHECKING:
    from deskmon.components.panel import Frame, Intent, Panel

__all__ = ["Choice", "Key", "action", "following"]

T = TypeVar("T")
Method = TypeVar("Method", bound=Callable[..., Any])
Answer = Callable[["Panel", "Frame"], "Intent | None"]
"""What a panel does for an action."""


class Key(msgspec.Struct, frozen=True):
    """A key of a panel: `id` is what `[keys]` remaps and what `on_action` gets, `key` textual's name for the default
    key. `also`: further keys of the desk's own, which stay where they are."""

    id: str
    key: str
    label: str
    help: str
    also: tuple[str, ...] = ()


def following(values: Sequence[T], current: T, step: int = 1) -> T:
    """The value `step` places behind `current`, round and round; the first where `current` isn't among them."""
    return values[(values.index(current) + step) % len(values) if current in values else 0]


class Choice(Generic[T]):
    """One of several views of a panel: `window = Choice(("1h", "24h"), key="v", help="Length of the chart")`.

    The attribute is the value chosen: `self.window`. It begins as the option of the same name says, the key goes to the
    next value, the note names it, and it is what a trader keeps in the layout.

    values: what the key goes through: texts, whole numbers, truths or amounts, all of one type. An option must be one
        of them or the default, but of amounts any is taken. default: the first of them where absent; it may be a value
        that no key leads to, such as "" for what the panel itself chooses.
    key: textual's name of the key, "" for none. label: the footer's word, and the last part of the key's id; where
        empty the attribute's name. help: what the key does, for the help page.
    note: how the panel's note writes the value; None where the note doesn't name it.
    window: whether the desk's key for the next window of time, and left and right, go through the values too.
    """

    def __init__(
        self, values: Sequence[T], *, default: T | None = None, key: str = "", label: str = "", help: str = "",
        note: Callable[[T], str] | None = str, window: bool = False,
    ) -> None:  # fmt: skip
        self.values = tuple(values)
        self.default: T = self.values[0] if default is None else default
        self.name, self.label = "", label
        self.window = window
        self._key, self._help, self._note = key, help, note
        self._shown = self._offered = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.label = name, self.label or name

    @overload
    def __get__(self, panel: None, owner: type) -> Choice[T]: ...
    @overload
    def __get__(self, panel: Panel, owner: type) -> T: ...
    def __get__(self, panel: Panel | None, owner: type) -> Choice[T] | T:
        if panel is None:
            return self
        value: T = panel.chosen[self.name]
        return value

    def __set__(self, panel: Panel, value: T) -> None:
        panel.chosen[self.name] = value
        panel.changed()

    def shown(self, method: Method) -> Method:
        """Decorator of the method that says, for a frame, which value is shown where it may not be the one chosen."""
        self._shown = method.__name__
        return method

    def offered(self, method: Method) -> Method:
        """Decorator of the method that says, for a frame, which of the values the key goes through; maybe none."""
        self._offered = method.__name__
        return method

    def option(self) -> tuple[str, Any, T]:
        """Name, type and default of the option."""
        plain = type(self.values[0])
        kind: Any = plain if plain in (bool, float) else Literal[tuple(dict.fromkeys((self.default, *self.values)))]
        return self.name, kind, self.default

    def key(self, panel: str) -> Key | None:
        """Its key in the panel of this name."""
        return Key(f"{panel}.{self.label}", self._key, self.label, self._help) if self._key else None

    def value(self, panel: Panel, frame: Frame) -> T:
        """What is shown."""
        found: T = getattr(panel, self._shown)(frame) if self._shown else panel.chosen[self.name]
        return found

    def offers(self, panel: Panel, frame: Frame) -> Sequence[T]:
        """What may be chosen now."""
        found: Sequence[T] = getattr(panel, self._offered)(frame) if self._offered else self.values
        return found

    def words(self, panel: Panel, frame: Frame) -> str:
        """What the panel's note says of it."""
        return "" if self._note is None else self._note(self.value(panel, frame))

    def turn(self, panel: Panel, frame: Frame, step: int = 1) -> None:
        """Choose the value `step` places behind the one shown."""
        values = self.offers(panel, frame)
        if values:
            self.__set__(panel, following(values, self.value(panel, frame), step))


def action(name: str, *, key: str = "", help: str = "") -> Callable[[Method], Method]:
    """Decorator of the method `method(frame)` of a panel that answers an action, and may return an intent.

    name: one of the desk's own (`enter`), or with a `key` the footer's word for it: `page` in the panel `orders` has
    the id `orders.page`. help: what the key does, for the help page.
    """

    def declare(method: Method) -> Method:
        method.__dict__["action"] = (name, key, help)
        return method

    return declare


class Declared:
    """The choices and actions that a class of panels and its bases declare, in their order."""

    def __init__(self, panel: type) -> None:
        self.choices: dict[str, Choice[Any]] = {}
        self.answers: dict[str, Answer] = {}
        self.window: Choice[Any] | None = None
        keys: dict[str, Key] = {}
        name = getattr(panel, "name", "")
        for attribute, value in _declarations(panel).items():
            if isinstance(value, Choice):
                self.choices[attribute] = value
                self.window = value if value.window else self.window
                own, answer = value.key(name), _turning(value)
            else:
                label, key, help = value.action
                own, answer = Key(f"{name}.{label}", key, label, help) if key else None, _calling(attribute)
                if own is None:
                    self.answers[label] = answer
            if own is not None:
                keys[own.id], self.answers[own.id] = own, answer
        if self.window is not None:
            self.answers.setdefault("window", _turning(self.window))
        self.keys = tuple(keys.values())

    def options(self, base: type[msgspec.Struct]) -> type[msgspec.Struct]:
        """`base` with an option for each choice that has none there."""
        fields = [each.option() for each in self.choices.values() if each.name not in base.__struct_fields__]
        if not fields:
            return base
        return msgspec.defstruct(
            base.__name__, fields, bases=(base,), namespace={"__doc__": base.__doc__}, module=base.__module__,
            frozen=True, forbid_unknown_fields=True,
        )  # fmt: skip


def _declarations(panel: type) -> dict[str, Any]:
    """By attribute; what a subclass overrides stays where its base declared it."""
    found: dict[str, Any] = {}
    for base in reversed(panel.__mro__):
        for attribute, value in vars(base).items():
            if isinstance(value, Choice) or "action" in getattr(value, "__dict__", ()):
                found[attribute] = value
    return found


def _turning(choice: Choice[Any]) -> Answer:
    def turn(panel: Panel, frame: Frame) -> None:
        choice.turn(panel, frame)

    return turn


def _calling(method: str) -> Answer:
    def call(panel: Panel, frame: Frame) -> Intent | None:
        intent: Intent | None = getattr(panel, method)(frame)
        return intent

    return call
