"""The gallery of the five weeks: `docs/weeks/NAME.md` with three pictures, its report, and published beside found.

    python -m tests.reconstructions.gallery [NAME…]      writes all of it anew

The pictures and the report are what `deskmon snapshot` and `deskmon report` print. The tables hold what
`tests/reconstructions/published` has, which the suite compares.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from deskmon import format as fmt
from deskmon import plugins
from deskmon.components.figure_words import figure_words
from deskmon.timeline import Moment
from tests.reconstructions.published import NAMES, Row, rows

FOLDER = Path(__file__).parents[2] / "docs" / "weeks"
SIZE = "160x46"
PICTURED: Mapping[str, Sequence[str]] = {
    "2025-11-20": ("the first wave", "85,000", "the balance"),
    "2025-11-21": ("the first wave", "the low", "the morning after"),
    "2026-01-29": ("the flush", "the funds report", "Friday noon"),
    "2026-02-06": ("Thursday evening", "the low", "the week"),
    "2026-06": ("Monday's flush", "Friday's flush", "the weekend"),
}
"""Moments of each week that are shown."""
_SCALES = {1e3: "K", 1e6: "M", 1e9: "B", 1e12: "T"}


def page(name: str, read: Mapping[int | None, Mapping[str, Any]]) -> str:
    """The page of a week. `read`: by the moment (ms, None the end) what figures read, by the text of their path."""
    feed = plugins.construct("demo", plugins.load_feed("demo"), {"name": name})
    what = dict(feed.demos())[name].partition(", made to")[0]
    return "\n".join(
        [
            f"# {name}: {what}", "",
            "A reconstruction, made to published figures. It is no recorded data.",
            f"`deskmon demo {name} --tour` plays its story. [Its report]({name}-report.md) is what",
            f"`deskmon report --demo {name} --out {name}-report.md` writes.", "",
            "## Three moments", "", *_pictures(name, feed.moments()),
            "## What was published, and what the desk finds", "",
            "The desk's figure is the one at the end, or at the time that stands beside it. The last column is the",
            "difference to the published number.", "",
            "| | published | the desk | difference |", "|---|---|---|---|", *_table(name, read),
        ]
    ) + "\n"  # fmt: skip


def _pictures(name: str, moments: Sequence[Moment]) -> Iterator[str]:
    for number, moment in enumerate(pictured(name, moments), 1):
        yield f"**{moment.name}**, {fmt.date(moment.at)} {fmt.clock(moment.at)[:5]}Z: {moment.text}\n"
        yield f"![{moment.name}]({name}-{number}.svg)\n"


def pictured(name: str, moments: Sequence[Moment]) -> list[Moment]:
    """The moments of a week that its page shows."""
    return [moment for wanted in PICTURED[name] for moment in moments if moment.name == wanted]


def _table(name: str, read: Mapping[int | None, Mapping[str, Any]]) -> Iterator[str]:
    for row in rows(name):
        at = "" if row.at is None else f", {fmt.date(row.at)} {fmt.clock(row.at)[:5]}Z"
        value = row.value(read[row.at])
        yield f"| {row.label} | {_published(row)} | {_found(row, value)}{at} | {_difference(row, value)} |"


def _published(row: Row) -> str:
    scale, unit = _SCALES.get(row.per, ""), "%" if row.paths[0].unit == "%" else ""
    if re.match(r"\d{4}-\d\d", row.published):
        return row.published
    return re.sub(r"(?<=\d)(?= |$)", scale + unit, row.published.replace("-", "−"))


def _found(row: Row, value: Any) -> str:
    if value is None:
        return "nothing"
    if not isinstance(value, int | float):
        return str(value)
    if _is_time(row):
        return f"{fmt.date(int(value))} {fmt.clock(int(value))[:5]}Z"
    return _with_unit(row, (value - row.less) / row.per)


def _difference(row: Row, value: Any) -> str:
    number = re.fullmatch(r"(?:about |nearly |just above )?([-+]?[\d,]+(?:\.\d+)?)", row.published)
    if number is None or not isinstance(value, int | float) or _is_time(row):
        return "as published"
    apart = (value - row.less) / row.per - float(number[1].replace(",", ""))
    return "0" if abs(apart) < 1e-9 else _with_unit(row, apart)


def _with_unit(row: Row, value: float) -> str:
    return _number(value) + _SCALES.get(row.per, "") + ("%" if row.paths[0].unit == "%" else "")


def _is_time(row: Row) -> bool:
    return row.path == row.paths[0].text and row.paths[0].unit == "ms since 1970"


def _number(value: float) -> str:
    """About five significant figures."""
    return figure_words("", round(value, max(0, 4 - len(str(int(abs(value)))) + 1))).replace("-", "−")


def write(name: str) -> None:
    """Write a week's page, its pictures and its report. Raises CalledProcessError where a command fails."""
    from tests.markets import reconstructed

    FOLDER.mkdir(exist_ok=True)
    moments = plugins.construct("demo", plugins.load_feed("demo"), {"name": name}).moments()
    for number, moment in enumerate(pictured(name, moments), 1):
        picture = ["snapshot", "--demo", name, "--at", str(moment.at), "--size", SIZE, "--format", "svg"]
        (FOLDER / f"{name}-{number}.svg").write_bytes(_printed(*picture))
    _printed("report", "--demo", name, "--out", str(FOLDER / f"{name}-report.md"))
    (FOLDER / f"{name}.md").write_text(page(name, reconstructed(name).read), encoding="utf-8")


def _printed(*command: str) -> bytes:
    argv = [sys.executable, "-m", "deskmon", *command, "--config", str(FOLDER.parents[1] / "deskmon.toml")]
    return subprocess.run(argv, stdout=subprocess.PIPE, check=True).stdout


if __name__ == "__main__":
    for each in sys.argv[1:] or NAMES:
        write(each)
