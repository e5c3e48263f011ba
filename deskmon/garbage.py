"""Collections of garbage that hold no loop for long: what stays until the end is walked by none of them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MOST = 100_000
"""Objects that a collection of an older generation may walk; each costs 0.1 to 0.5 µs."""
YOUNG = 50_000
"""Objects more than before that let the young ones be collected."""
YOUNG_OF_SCREEN = 10_000
"""The same of a screen, whose keys a collection may hold up: some 2 ms for so many."""
SELDOM = (20, 10)
"""Collections of a generation that let the next one be collected, see `gc.set_threshold`."""


def keep_collections_short(young: int = YOUNG) -> None:
    """From here on collect seldom, and never among more than `MOST` objects.

    Where there are more of them, they are what was imported or what a market is made of. They are frozen, which takes
    no time: no collection walks them any more. An object that nobody refers to is freed at once, frozen or not. A
    cycle that is frozen isn't, so each freeze can cost the few that live just then: of a screen that comes and goes
    some ten small objects.
    """
    gc.set_threshold(young, *SELDOM)
    if _freeze_many not in gc.callbacks:
        gc.callbacks.append(_freeze_many)


@contextmanager
def no_collections() -> Iterator[None]:
    """Within the block nothing is collected: somebody waits for what it does."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _freeze_many(phase: str, info: dict[str, Any]) -> None:
    """Called by the collector before (`start`) and after (`stop`) each collection."""
    generation: int = info["generation"]
    if phase == "start" and generation and sum(len(gc.get_objects(each)) for each in range(generation + 1)) > MOST:
        gc.freeze()
