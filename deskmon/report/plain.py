"""A report as text for a mail: lines of 78 columns at most, tables aligned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deskmon.components.text import cell_width, clean, fold, ljust, rjust, wrap
from deskmon.report.charts import extremes
from deskmon.report.content import Block, Chart, Inline, Link, Paragraph, Report, Table
from deskmon.report.heading import heading
from deskmon.report.sources import sources
from deskmon.report.words import one_line, web_address, words_of

WIDTH = 78
APART = 2
"""Blanks between columns."""


def plain(report: Report) -> str:
    """The report, ending in a line feed."""
    lines = [*_underlined(report.title, "="), "", *(line for words in heading(report) for line in _wrapped(words))]
    for section in report.sections:
        lines += [
            "",
            "",
            *_underlined(section.title, "-"),
            *(line for block in section.blocks for line in _block(block)),
        ]
        lines += _listed(
            "Sources", [f"{origin.said}: {', '.join(paths)}" for origin, paths in sources(section).items()]
        )
        lines += _listed("Unknown", [f"{path}: {why}" for path, why in section.absent])
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _listed(title: str, words: Sequence[str]) -> list[str]:
    if not words:
        return []
    return ["", f"{title}:", *(line for each in words for line in _wrapped(each, "  ", "    "))]


def _underlined(words: str, sign: str) -> list[str]:
    lines = _wrapped(words)
    return [*lines, sign * max(map(cell_width, lines), default=0)]


def _wrapped(words: str, first: str = "", later: str = "") -> list[str]:
    """Lines with `first` before the first and `later` before others. An address alone may be longer than they are: it
    stays whole."""
    width = WIDTH - len(later)
    lines = wrap(clean(one_line(words)), width, whole_words=True)
    pieces = [piece for line in lines for piece in ([line] if line.startswith("<http") else fold(line, width))]
    return [(later if n else first) + piece for n, piece in enumerate(pieces)]


def _block(block: Block) -> Iterator[str]:
    yield ""
    if isinstance(block, Paragraph):
        yield from _wrapped(_line(block.parts))
    elif isinstance(block, Chart):
        yield from _wrapped(f"{block.caption}:")
        for words in extremes(block):
            yield from _wrapped(words, "  ", "    ")
    else:
        yield from _wrapped(f"{block.caption}:")
        yield from _table(block)


def _line(parts: Sequence[Inline]) -> str:
    return "".join(_link(part) if isinstance(part, Link) else words_of(part) for part in parts)


def _link(link: Link) -> str:
    address = web_address(link.url)
    return words_of(link) if address is None else f"{words_of(link)} <{address}>"


def _table(table: Table) -> Iterator[str]:
    """Columns where there is room for all, else each row as a paragraph."""
    rows = [
        [clean(one_line(name)) for name in table.head],
        *([clean(_line(cell)).strip() for cell in row] for row in table.rows),
    ]
    widths = [max(map(cell_width, column)) for column in zip(*rows, strict=True)]
    if sum(widths) + APART * (len(widths) - 1) <= WIDTH:
        sides = [rjust if is_number else ljust for is_number in table.are_numbers]
        for row in rows:
            yield (" " * APART).join(side(cell, width) for side, cell, width in zip(sides, row, widths, strict=True))
        return
    head = rows[0]
    for name, *cells in rows[1:]:
        told = [f"{what} {cell}" for what, cell in zip(head[1:], cells, strict=True) if cell]
        yield from _wrapped(f"{name}: {', '.join(told)}", "  ", "    ")
