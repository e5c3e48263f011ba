"""What panels and feeds have in common: options that deskmon.toml gives them, known to type checkers by the class."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import msgspec

OptionsT_co = TypeVar("OptionsT_co", bound=msgspec.Struct, covariant=True)


class HasOptions(Protocol[OptionsT_co]):
    """A class with a nested `Options`."""

    _options: Any

    @property
    def Options(self) -> type[OptionsT_co]: ...


class Configurable:
    """A base whose subclasses declare `class Options(Base.Options, frozen=True)`; `self.options` then has that type."""

    class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
        """Options that deskmon.toml may give; a subclass declares its own, with defaults where it can."""

    def __init__(self, options: msgspec.Struct | None = None) -> None:
        """`options` is an instance of this class's `Options`; without one, all defaults."""
        self._options = self.Options() if options is None else options

    @property
    def options(self: HasOptions[OptionsT_co]) -> OptionsT_co:
        """The options as given, of the type of this class's own `Options`."""
        options: OptionsT_co = self._options
        return options
