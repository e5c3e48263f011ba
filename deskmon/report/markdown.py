"""A report as Markdown, as CommonMark, GitHub and Python-Markdown read it, with its charts in files beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from deskmon.report.charts import drawn, extremes
from deskmon.report.content import Chart, Inline, Link, Paragraph, Report, Section, Table
from deskmon.report.heading import heading
from deskmon.report.sources import sources
from deskmon.report.words import one_line, web_address, words_of

_SIGNS = re.compile(r"([\\`*_{}\[\]()#!])|[&<>|~$^=]|(?<=[a-zA-Z]):(?=//)|(?<=www)\.", re.IGNORECASE)
"""Markup: with a backslash where every reader of Markdown takes it back, else as an entity. The rest makes HTML, tables
and formulas or, in an address, a link."""
_BEGINNING = re.compile(r"^(?:[-+:]|\d+[.)](?=\s|$))")
"""What makes a list, a line or a definition of the text behind it."""
_PARENTHESES = str.maketrans({"(": "%28", ")": "%29"})


def markdown(report: Report, stem: str = "") -> str:
    """The report; charts are the files of `pictures(report, stem)`, or told in words without `stem`."""
    parts = [f"# {escaped(report.title)}", *map(escaped, heading(report))]
    for section in report.sections:
        parts += [f"## {escaped(section.title)}", *_blocks(section, stem)]
        origins = sources(section).items()
        parts += _listed(
            "Sources", [f"{escaped(origin.said)}: {', '.join(map(_code, paths))}" for origin, paths in origins]
        )
        parts += _listed("Unknown", [f"{_code(path)}: {escaped(why)}" for path, why in section.absent])
    return "\n\n".join(parts) + "\n"


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return [f"{title}:", "\n".join(f"- {line}" for line in lines)] if lines else []


def picture_name(stem: str, section: Section, number: int) -> str:
    """The file of the section's chart `number`, counted from 1: `report-prices-1.svg`."""
    return f"{stem}-{section.name}-{number}.svg"


def escaped(text: str) -> str:
    """Text that stands as it is at the beginning of a line: nothing of it is markup, HTML, a list or a formula."""
    return _begun(_inside(text))


def _inside(text: str) -> str:
    return _SIGNS.sub(lambda found: f"\\{found[1]}" if found[1] else _entity(found[0]), one_line(text))


def _begun(line: str) -> str:
    line = line.strip()
    return _BEGINNING.sub(lambda found: found[0][:-1] + _entity(found[0][-1]), line)


def _entity(sign: str) -> str:
    return f"&#{ord(sign)};"


def _blocks(section: Section, stem: str) -> Iterator[str]:
    charts = 0
    for block in section.blocks:
        if isinstance(block, Chart):
            charts += 1
            yield _chart(block, picture_name(stem, section, charts) if stem and drawn(block) else "")
        else:
            yield _block(block)


def _chart(chart: Chart, file: str) -> str:
    words = "\n".join(f"- {escaped(line)}" for line in extremes(chart))
    picture = f"![{escaped(chart.caption)}](<{file}>)\n\n" if file else ""
    return f"{picture}{escaped(chart.caption)}:\n\n{words}"


def _block(block: Paragraph | Table) -> str:
    if isinstance(block, Paragraph):
        return _line(block.parts)
    lines = [
        [escaped(name) for name in block.head],
        ["---:" if is_number else "---" for is_number in block.are_numbers],
    ]
    lines += [[_line(cell) for cell in row] for row in block.rows]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f"{escaped(block.caption)}:\n\n{table}"


def _line(parts: Sequence[Inline]) -> str:
    return _begun("".join(_link(part) if isinstance(part, Link) else _inside(words_of(part)) for part in parts))


def _link(link: Link) -> str:
    address = web_address(link.url)
    words = _inside(words_of(link))
    return words if address is None else f"[{words}](<{address.translate(_PARENTHESES)}>)"


def _code(text: str) -> str:
    """Text in a code span: fenced by more backticks than it holds in a row."""
    text = one_line(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}" if "`" in text else f"`{text}`"
