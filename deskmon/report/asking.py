"""A report that a process of its own makes: what it is told, and who asks."""

from __future__ import annotations

import sys
from os import PathLike

import msgspec

from deskmon.config.schema import Config
from deskmon.past import journal_config
from deskmon.report.content import Form
from deskmon.transport.child import answer_of
from deskmon.transport.wire import pack_message

COMMAND = (sys.executable, "-P", "-m", "deskmon.report.worker")
"""Makes one report: it is told a `ReportAsk` in a frame, and writes the report."""
PATIENCE_S = 3_600.0
"""Seconds that one may take: a week of a large desk is much to read."""


class ReportAsk(msgspec.Struct, frozen=True):
    """The report of `config`'s market between two moments as people write them, of the week where absent. judge: its
    alerts are what the rules of `config` say. out: a file that the report is written to as HTML, whole or not at all;
    then the answer is its text."""

    config: Config
    form: Form = "html"
    since: str | None = None
    until: str | None = None
    assets: tuple[str, ...] = ()
    judge: bool = True
    out: str | None = None


async def report_written(config: Config, journal: PathLike[str] | str | None, until: int, out: PathLike[str]) -> str:
    """Write the week's report up to `until` (ms) as HTML, of the market of `config` or of a journal; its text. Raises
    UsageError and DeskError in words."""
    market = config if journal is None else journal_config(config, journal)
    asked = ReportAsk(market, until=str(until), judge=journal is None, out=str(out))
    return (await answer_of(COMMAND, pack_message(asked), PATIENCE_S)).decode()
