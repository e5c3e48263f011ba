"""The journal: the stream of events on disk, one JSON object per line, plain or compressed (docs/journal.md)."""

from deskmon.journal.checkpoints import Place, checkpoints, write_checkpoint
from deskmon.journal.decoding import OutOfOrder
from deskmon.journal.folder import Opened, Reading, open_at, read_after
from deskmon.journal.lines import ReadReport
from deskmon.journal.reader import read_events, read_header
from deskmon.journal.rolling import HeldElsewhere, RollingJournal
from deskmon.journal.segments import Segment, segment_name, segments
from deskmon.journal.source import not_a_file, not_readable_here
from deskmon.journal.timeline import FolderTimeline, JournalTimeline, open_timeline
from deskmon.journal.writer import NOT_KEPT, JournalWriter, free_path

__all__ = [
    "NOT_KEPT",
    "FolderTimeline",
    "HeldElsewhere",
    "JournalTimeline",
    "JournalWriter",
    "Opened",
    "OutOfOrder",
    "Place",
    "ReadReport",
    "Reading",
    "RollingJournal",
    "Segment",
    "checkpoints",
    "free_path",
    "not_a_file",
    "not_readable_here",
    "open_at",
    "open_timeline",
    "read_after",
    "read_events",
    "read_header",
    "segment_name",
    "segments",
    "write_checkpoint",
]
