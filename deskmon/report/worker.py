"""The process that makes one report: `python -m deskmon.report.worker`, which is told a `ReportAsk` in a frame.

What it writes is the report; where there is none its last line on stderr says why, and its exit status is that of a
command.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec

from deskmon import plugins
from deskmon.errors import DeskError
from deskmon.past import PastMarket
from deskmon.report import make, render, week_span
from deskmon.report.asking import ReportAsk
from deskmon.transport.child import work_for_parent

NICE = 10
"""A report waits for whatever the desk does."""


def answered(asked: ReportAsk) -> str:
    """The report that is asked for. Raises UsageError and DeskError in words."""
    market = PastMarket(asked.config, judge=asked.judge)
    report = make(market, week_span(market, asked.since, asked.until), asked.assets)
    if asked.out is None:
        return render(report, asked.form)
    _write(Path(asked.out), render(report, "html"))
    return render(report, "txt")


def _write(path: Path, words: str) -> None:
    """Write a file for this user alone: whole, or not at all. Raises DeskError."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.touch(mode=0o600)
        part.write_text(words, encoding="utf-8")
        part.replace(path)
    except OSError as fault:
        part.unlink(missing_ok=True)
        raise DeskError(f"{path}: {fault.strerror or fault}", "make room, or choose another [report] folder") from fault


def main() -> int:
    """Answer the process that started this one."""
    return work_for_parent(ReportAsk, _work, NICE)


def _work(asked: ReportAsk) -> bytes:
    plugins.choose(msgspec.to_builtins(asked.config.plugins))
    return answered(asked).encode()


if __name__ == "__main__":
    sys.exit(main())
