"""What stands at the head of a report in every form: what the market is, of when, and how much of it the desk knows."""

from __future__ import annotations

from collections.abc import Mapping

from deskmon.events import Source
from deskmon.report.content import Report
from deskmon.report.sources import known_figures
from deskmon.report.words import moment, one_line

LABELS: Mapping[Source, str] = {
    "recorded": "Recorded market",
    "reconstructed": "RECONSTRUCTED market",
    "simulated": "SIMULATED market",
    "imported": "Imported market",
}


def label(report: Report) -> str:
    """What kind of market it is, beside each of its charts too."""
    return LABELS.get(report.source, one_line(report.source))


def heading(report: Report) -> list[str]:
    """The lines under the title, the label first."""
    told = known_figures(report)
    unknown = sum(len(section.absent) for section in report.sections)
    note = one_line(report.note).strip()
    return [
        f"{label(report)}{f': {note}' if note else ''}.",
        f"From {moment(report.start)} to {moment(report.end)}.",
        "Amounts without another unit are US dollars.",
        *map(one_line, report.coverage),
        f"Figures: {told:,} known, {unknown:,} unknown{'' if unknown else ' of those it looked for'}."
        if told or unknown else "No figure is known.",
    ]  # fmt: skip
