"""Writes layouts into deskmon.toml: what changed of them, and nothing else; no comment is ever lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import tomlkit

from deskmon.config.blocks import Block, comments, cut
from deskmon.config.files import edit
from deskmon.config.findings import dotted
from deskmon.config.schema import Cell, Layout
from deskmon.config.toml import parse
from deskmon.errors import DeskError

_CELL = ("panel", "row", "column", "rows", "columns", "options", "pinned")
_PLAIN = msgspec.to_builtins(Cell(panel=""))
_ALONE = {"rows": [1.0], "columns": [1.0], "locked": False}


def write_layout(path: Path, name: str, layout: Layout) -> Path:
    """Put a layout into the file and return where it was written. Raises DeskError where the file can't be read or
    written, or where a comment would be lost."""
    return edit(path, lambda text: with_layout(text, name, layout), f"change {dotted(('layouts', name))} by hand")


def with_layout(text: str, name: str, layout: Layout) -> str:
    """`text`, a deskmon.toml, with `layout` under `name`: values that differ are changed where they stand, panels that
    left lose their keys and not their comments, new ones follow the last. Raises ValueError where it isn't TOML,
    DeskError where the layout is written in a way that can't be changed without loss."""
    before = parse(text)
    remedy = f"write it as [{dotted(('layouts', name))}] and [[{dotted(('layouts', name, 'cells'))}]]"
    blocks = cut(text)
    ending = "\r\n" if "\r\n" in text else "\n"
    if _known(before, name) is None:
        after = _joined(text, _new(name, layout, ending), ending)
    else:
        after = "".join(block.text for block in _changed(blocks, name, layout, ending, remedy))
    _examine(before, text, after, name, layout, remedy)
    return after


def _known(data: dict[str, Any], name: str) -> Any:
    layouts = data.get("layouts")
    return layouts.get(name) if isinstance(layouts, dict) else None


def _examine(before: dict[str, Any], text: str, after: str, name: str, layout: Layout, remedy: str) -> None:
    """Raises DeskError unless `after` is `before` but for the layout, and has all of its comments."""
    try:
        data = parse(after)
        layouts = {**(before.get("layouts") or {}), name: _known(data, name)}
        whole = data == {**before, "layouts": layouts}
        whole = whole and msgspec.convert(layouts[name], Layout) == layout
    except (ValueError, TypeError):
        whole = False
    if not whole or Counter(comments(text)) - Counter(comments(after)):
        raise DeskError(f"layout {name} is written in a way that can't be changed without loss", remedy)


def _joined(text: str, new: str, ending: str) -> str:
    kept = text.rstrip("\r\n")
    return f"{kept}{ending}{ending}{new}" if kept else new


def _new(name: str, layout: Layout, ending: str) -> str:
    grid = {key: value for key, value in _grid(layout).items() if value != _ALONE[key]}
    head = f"[{dotted(('layouts', name))}]{ending}" + _written(grid, ending)
    return head + "".join(_new_cell(name, cell, ending) for cell in layout.cells)


def _new_cell(name: str, cell: Cell, ending: str) -> str:
    values = {key: value for key, value in _values(cell).items() if value != _PLAIN[key]}
    return f"{ending}[[{dotted(('layouts', name, 'cells'))}]]{ending}" + _written(values, ending)


def _written(values: dict[str, Any], ending: str) -> str:
    document = tomlkit.document()
    for key, value in values.items():
        document[key] = _item(value)
    return tomlkit.dumps(document).replace("\n", ending)


def _item(value: Any) -> Any:
    """A value as TOML writes it on one line."""
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update({key: _item(inner) for key, inner in value.items()})
        return table
    return [_item(inner) for inner in value] if isinstance(value, list) else value


def _grid(layout: Layout) -> dict[str, Any]:
    return {"rows": list(layout.rows), "columns": list(layout.columns), "locked": layout.locked}


def _values(cell: Cell) -> dict[str, Any]:
    values: dict[str, Any] = msgspec.to_builtins(cell)
    return {key: values[key] for key in _CELL}


def _changed(blocks: list[Block], name: str, layout: Layout, ending: str, remedy: str) -> Iterator[Block]:
    """The file's blocks with the layout's own changed."""
    path = ("layouts", name)
    places = [i for i, block in enumerate(blocks) if block.path == (*path, "cells") and block.array]
    head = next((i for i, block in enumerate(blocks) if block.path == path), None)
    if head is None and not places:
        raise DeskError(f"layout {name} is written on one line", remedy)
    if head is None:
        head = places[0]
        blocks.insert(head, Block(f"[{dotted(path)}]{ending}", path))
        places = [place + 1 for place in places]
    _set_grid(blocks[head], layout)
    groups = [_group(blocks, place) for place in places]
    matched, last = 0, head
    for group in groups:
        # What is edited leaves out old panels and adds new ones behind: the rest stands in the file's order.
        if matched < len(layout.cells) and _panel(blocks[group[0]]) == layout.cells[matched].panel:
            _set_cell([blocks[i] for i in group], layout.cells[matched])
            matched, last = matched + 1, group[-1]
        else:
            for i in group:
                _empty(blocks[i], ending)
    for cell in layout.cells[matched:]:
        blocks[last].keys += _new_cell(name, cell, ending)
    return iter(blocks)


def _group(blocks: list[Block], place: int) -> list[int]:
    """A panel's block and those of tables inside it."""
    end = place + 1
    while end < len(blocks) and blocks[end].path[:3] == blocks[place].path and not blocks[end].array:
        end += 1
    return [*range(place, end)]


def _panel(block: Block) -> Any:
    return block.values().get("panel")


def _set_grid(head: Block, layout: Layout) -> None:
    held = head.values()
    changed: dict[str, Any] = {
        key: value for key, value in _grid(layout).items() if held.get(key, _ALONE[key]) != value
    }
    if "cells" in held:
        changed["cells"] = None  # an array on the lines of [layouts.NAME]: tables of its own take its place
    if changed:
        head.set(changed)


def _set_cell(group: list[Block], cell: Cell) -> None:
    """Change what differs; a table inside the panel's, which holds its options, is changed as such."""
    own, *inner = group
    held = own.values()
    options = next((block for block in inner if block.path[3:] == ("options",)), None)
    wanted = _values(cell)
    if options is not None:
        chosen, before = wanted.pop("options"), options.values()
        gone = {key: None for key in before if key not in chosen}
        if changed := gone | {key: _item(value) for key, value in chosen.items() if before.get(key) != value}:
            options.set(changed)
    if changed := {key: _item(value) for key, value in wanted.items() if held.get(key, _PLAIN[key]) != value}:
        own.set(changed)


def _empty(block: Block, ending: str) -> None:
    """Leave of a block its comments alone."""
    kept = "".join(comment + ending for comment in comments(block.header + block.keys))
    block.header = block.keys = ""
    block.rest = kept + (block.rest if kept or block.rest.strip() else "")
