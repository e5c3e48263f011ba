"""TLS is loaded at its first use: asyncio imports it at once, and neither a screen nor the hub of a demo speaks it."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader, find_spec
from threading import RLock
from types import ModuleType
from typing import Any

LATE = {"ssl", "asyncio.sslproto"}
"""Modules whose code runs once somebody asks for something in them."""
_LOADING = RLock()


class _LateModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        """What it lacks, as long as its code hasn't run."""
        with _LOADING:
            spec = self.__spec__
            if spec is not None and isinstance(spec.loader, _LateLoader) and not spec.loader_state:
                spec.loader_state = "loaded"  # from here on its code is answered too, which may ask for what it lacks
                try:
                    spec.loader.own.exec_module(self)
                except BaseException:
                    spec.loader_state = None  # whoever asks next is told the same
                    raise
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}") from None


class _LateLoader(LazyLoader):
    """Python's own runs a module's code at the second `import` already, which asks for the module's spec."""

    def __init__(self, own: Any) -> None:
        super().__init__(own)
        self.own = own

    def exec_module(self, module: ModuleType) -> None:
        module.__class__ = _LateModule


class _LateFinder:
    @staticmethod
    def find_spec(name: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in LATE or find_spec("_ssl") is None:  # without it `import ssl` fails, as whoever tries expects
            return None
        found = PathFinder.find_spec(name, path)
        if found is not None:
            found.loader = _LateLoader(found.loader)
        return found


def load_tls_late() -> None:
    """From here on `LATE` modules that aren't imported yet load at their first use."""
    if _LateFinder not in sys.meta_path:
        sys.meta_path.insert(0, _LateFinder)
