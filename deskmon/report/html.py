"""A report as one HTML file: no script, nothing from elsewhere; light and dark, on a phone, a desk and paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby

from deskmon.report.charts import drawn, extremes, picture
from deskmon.report.content import Block, Cell, Chart, Figure, Inline, Link, Paragraph, Report, Section, Table
from deskmon.report.heading import heading, label
from deskmon.report.html_style import STYLE
from deskmon.report.sources import Origin, origin_of, sources
from deskmon.report.words import one_line, web_address, words_of

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Nothing runs and nothing is loaded, whatever stands in the page."""

SHORT = 28
"""Characters of a figure or a cell that stays on one line."""

Marks = Mapping[Origin, int]
"""The number of each origin in the sources of its section."""


def html(report: Report) -> str:
    """The report as a document."""
    first, *rest = heading(report)
    return "\n".join([
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{_text(report.title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>",
        f'<header>\n<h1>{_text(report.title)}</h1>\n<p class="market">{_text(first)}</p>',
        *(f"<p>{_text(line)}</p>" for line in rest),
        "</header>",
        _contents(report),
        "<main>",
        *(part for section in report.sections for part in _section(section, label(report))),
        "</main>\n</body>\n</html>\n",
    ])  # fmt: skip


def _contents(report: Report) -> str:
    links = (f'<li><a href="#{_id(section)}">{_text(section.title)}</a></li>' for section in report.sections)
    return f'<nav aria-label="Sections">\n<ul>\n{"".join(links)}\n</ul>\n</nav>'


def _section(section: Section, note: str) -> Iterator[str]:
    origins = sources(section)
    marks = {origin: number for number, origin in enumerate(origins, 1)}
    yield f'<section id="{_id(section)}" aria-labelledby="{_id(section)}-title">'
    yield f'<h2 id="{_id(section)}-title">{_text(section.title)}</h2>'
    for are_charts, blocks in groupby(section.blocks, key=lambda block: isinstance(block, Chart)):
        if are_charts:
            yield '<div class="charts">'
        yield from (_block(block, section, marks, note) for block in blocks)
        if are_charts:
            yield "</div>"
    if origins:
        listed = (_source(section, origin, paths, marks) for origin, paths in origins.items())
        yield f'<aside class="sources" aria-label="Sources">\n<p>Sources:</p>\n<ol>\n{"".join(listed)}</ol>\n</aside>'
    if section.absent:
        missing = (f"<li><code>{_text(path)}</code>: {_text(why)}</li>\n" for path, why in section.absent)
        yield f'<aside class="unknown" aria-label="Unknown">\n<p>Unknown:</p>\n<ul>\n{"".join(missing)}</ul>\n</aside>'
    yield "</section>"


def _source(section: Section, origin: Origin, paths: Sequence[str], marks: Marks) -> str:
    codes = ", ".join(f"<code>{_text(path)}</code>" for path in paths)
    return f'<li id="{_id(section)}-{marks[origin]}">{_text(origin.said)}: {codes}</li>\n'


def _block(block: Block, section: Section, marks: Marks, note: str) -> str:
    if isinstance(block, Paragraph):
        return f"<p>{_line(block.parts, section, marks)}</p>"
    return _table(block, section, marks) if isinstance(block, Table) else _chart(block, note)


def _table(table: Table, section: Section, marks: Marks) -> str:
    words = ["" if is_number else "words" for is_number in table.are_numbers]
    head = "".join(
        f'<th scope="col"{_kinds(kind)}>{_text(name)}</th>' for kind, name in zip(words, table.head, strict=True)
    )
    rows = []
    for name, *cells in table.rows:
        told = "".join(
            f"<td{_kinds(kind, _long(cell))}>{_line(cell, section, marks)}</td>"
            for kind, cell in zip(words[1:], cells, strict=True)
        )
        rows.append(f'<tr><th scope="row"{_kinds(_long(name))}>{_line(name, section, marks)}</th>{told}</tr>\n')
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{_text(table.caption)}">\n<table>\n'
        f"<caption>{_text(table.caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{''.join(rows)}</tbody>\n</table>\n</div>"
    )


def _long(cell: Cell) -> str:
    return "long" if sum(len(words_of(part)) for part in cell) > SHORT else ""


def _kinds(*names: str) -> str:
    """The attribute of these classes, where there are any."""
    kinds = " ".join(filter(None, names))
    return f' class="{kinds}"' if kinds else ""


def _chart(chart: Chart, note: str) -> str:
    words = "".join(f"<li>{_text(line)}</li>" for line in extremes(chart))
    svg = picture(chart, note) if drawn(chart) else ""
    values = f"<details><summary>In words</summary><ul>{words}</ul></details>" if svg else f"<ul>{words}</ul>"
    return f"<figure>\n{svg}<figcaption>{_text(chart.caption)}{values}</figcaption>\n</figure>"


def _line(parts: Sequence[Inline], section: Section, marks: Marks) -> str:
    return "".join(_part(part, section, marks) for part in parts)


def _part(part: Inline, section: Section, marks: Marks) -> str:
    if isinstance(part, str):
        return _text(part)
    if isinstance(part, Link):
        address = web_address(part.url)
        words = f"<bdi>{_text(part.words)}</bdi>"
        return words if address is None else f'<a href="{escape(address)}" rel="noopener noreferrer">{words}</a>'
    return _figure(part, section, marks)


def _figure(figure: Figure, section: Section, marks: Marks) -> str:
    origin = origin_of(figure)
    said = _text(f"{figure.path}, {origin.said}")
    mark = f'<sup><a href="#{_id(section)}-{marks[origin]}">{marks[origin]}</a></sup>'
    shown = f'data-path="{_text(figure.path)}" title="{said}">{_text(words_of(figure))}'
    return f"<span{_kinds('figure', _long([figure]))} {shown}</span>{mark}"


def _id(section: Section) -> str:
    return f"section-{_text(section.name)}"


def _text(words: str) -> str:
    return escape(one_line(words))
