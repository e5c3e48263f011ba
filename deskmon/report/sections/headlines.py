"""Headlines of the stretch: words of others, each with its source and time, and where it leads."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon.model import Model
from deskmon.report.content import Block, Cell, Link, Paragraph, Table
from deskmon.report.reading import Reading
from deskmon.report.sections.market_phrases import when

MOST = 20
LONGEST = 240
"""Characters of a headline; of a longer one an ellipsis tells that there is more."""


def tracked(model: Model, assets: Sequence[str]) -> list[str]:
    """Nothing: the newest 200 are held."""
    return []


def write(reading: Reading) -> list[Block]:
    """A table, the newest first, and how many more there were."""
    held = reading.model.headlines.figures(reading.end)
    if not held:
        reading.lacks("headlines", "unknown: no feed told a headline")
        return []
    found = [each for each in held if reading.start <= each.ts <= reading.end]
    if not found:
        return [Paragraph(["No headline was told in this time."])]
    rows: list[list[Cell]] = []
    for each in found[:MOST]:
        text = each.text if len(each.text) <= LONGEST else f"{each.text[:LONGEST]}…"
        rows.append([[when(each.ts)], [Link(text, each.url or "")], [Link(each.source or "")]])
    of = f", the newest {MOST} of {len(found)}" if len(found) > MOST else ""
    table = Table(f"Headlines{of}", ["when", "headline", "source"], rows)
    return [Paragraph(["These are words of others; the desk checks none of them."]), table]
