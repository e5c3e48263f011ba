"""A report as an assistant reads it: sentences and tables as text, words of others marked, charts by their ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from deskmon.mcp.untrusted import marked
from deskmon.report import Report
from deskmon.report.content import Block, Cell, Chart, Inline, Link, Paragraph, Section


def told(report: Report) -> dict[str, Any]:
    """The report, section by section; what is unknown in each, and why."""
    return {
        "title": report.title, "source": report.source, "note": marked(report.note), "from": report.start,
        "to": report.end, "assets": list(report.assets), "coverage": list(report.coverage),
        "sections": [_section(section) for section in report.sections],
    }  # fmt: skip


def _section(section: Section) -> dict[str, Any]:
    return {
        "name": section.name, "title": section.title, "blocks": [_block(block) for block in section.blocks],
        "unknown": [{"figure": absent.path, "why": absent.why} for absent in section.absent],
    }  # fmt: skip


def _block(block: Block) -> Any:
    if isinstance(block, Paragraph):
        return _inline(block.parts)
    if isinstance(block, Chart):
        return {
            "chart": block.caption,
            "unit": block.unit,
            "lines": {line.name: _ends(line.points) for line in block.lines},
        }
    return {"table": block.caption, "head": list(block.head), "rows": [_row(row) for row in block.rows]}


def _row(cells: Iterable[Cell]) -> list[Any]:
    return [_inline(cell) for cell in cells]


def _inline(parts: Sequence[Inline]) -> Any:
    """One text; a list where words of others are among it."""
    pieces: list[Any] = []
    for part in parts:
        if isinstance(part, Link):
            foreign = marked(part.words)
            pieces.append({"words": foreign, "url": marked(part.url)} if part.url else foreign)
            continue
        words = part if isinstance(part, str) else part.words
        if pieces and isinstance(pieces[-1], str):
            pieces[-1] += words
        else:
            pieces.append(words)
    return pieces[0] if len(pieces) == 1 and isinstance(pieces[0], str) else pieces


def _ends(points: Sequence[tuple[int, float | None]]) -> dict[str, Any]:
    """What stands at the first and the last point, and the extremes between them."""
    known = [value for _, value in points if value is not None]
    if not known:
        return {"known": False}
    return {"first": points[0][1], "last": points[-1][1], "low": min(known), "high": max(known), "points": len(points)}
