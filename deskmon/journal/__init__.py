"""The journal: the stream of events on disk, one JSON object per line, plain or compressed (docs/journal.md)."""

from deskmon.journal.lines import ReadReport
from deskmon.journal.reader import read_events, read_header
from deskmon.journal.source import not_a_file
from deskmon.journal.timeline import JournalTimeline
from deskmon.journal.writer import NOT_KEPT, JournalWriter, free_path

__all__ = [
    "NOT_KEPT",
    "JournalTimeline",
    "JournalWriter",
    "ReadReport",
    "free_path",
    "not_a_file",
    "read_events",
    "read_header",
]
