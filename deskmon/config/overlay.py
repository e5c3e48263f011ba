"""A personal file over a shared one: what the shared one locks or pins stays, whatever the personal one says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from deskmon.config.arrange import areas, lines
from deskmon.config.findings import shown
from deskmon.config.schema import Cell, Layout

KEY = "extends"
"""The key of a personal file that names the shared one."""
_TOLERANCE = 2e-4


def refusals(shared: Mapping[str, Any], own: Mapping[str, Any], name: str) -> list[tuple[tuple[str, str], str]]:
    """(place in the personal file, why what stands there isn't used) of the data of both; `name` is the shared file's.

    A layout is locked whole; a pinned panel must stand in the personal layout where it stands in the shared one, with
    the same options. What isn't a layout at all is left to other checks.
    """
    return [*_refusals(_layouts(shared), _layouts(own), name)]


def _refusals(theirs: Mapping[str, Any], ours: Mapping[str, Any], name: str) -> Iterator[tuple[tuple[str, str], str]]:
    for label in [label for label in ours if label in theirs]:
        layout, mine = _read(theirs[label]), _read(ours[label])
        if layout is not None and layout.locked:
            yield ("layouts", label), f"locked in {name}, whose layout is used"
        elif layout is not None and mine is not None:
            moved = [cell.panel for cell, part in _pinned(layout) if not _stands(cell, part, mine)]
            if moved:
                yield ("layouts", label), f"{name} pins {', '.join(map(shown, moved))}, so its layout is used"


def _layouts(data: Mapping[str, Any]) -> dict[str, Any]:
    layouts = data.get("layouts")
    return layouts if isinstance(layouts, dict) else {}


def _read(value: Any) -> Layout | None:
    try:
        layout = msgspec.convert(value, Layout)
        areas(layout)
    except (msgspec.ValidationError, IndexError):
        return None
    return layout


def _pinned(layout: Layout) -> list[tuple[Cell, tuple[float, ...]]]:
    """Pinned panels, and where their edges are as parts of the whole."""
    wholes = [axis[-1] or 1.0 for axis in lines(layout)]
    edges = (
        [line / whole for whole, span in zip(wholes, area, strict=True) for line in span] for area in areas(layout)
    )
    return [(cell, tuple(part)) for cell, part in zip(layout.cells, edges, strict=True) if cell.pinned]


def _stands(cell: Cell, part: tuple[float, ...], layout: Layout) -> bool:
    return any(
        (cell.panel, cell.options) == (other.panel, other.options)
        and all(abs(a - b) <= _TOLERANCE for a, b in zip(part, place, strict=True))
        for other, place in _pinned(layout)
    )
