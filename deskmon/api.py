"""What every author of panels needs: `from deskmon.api import TablePanel, Row, fmt`.

`events` holds the event types, `figures` the types of what the model tells, `fmt` how figures are written. What belongs
to one subject, such as options or waves, is in the modules of `deskmon.components`. Feeds have `deskmon.feedkit`. The
rest is the desk's own business and may change.
"""

from __future__ import annotations

from deskmon import api_version, events
from deskmon import format as fmt
from deskmon.clock import DAY, HOUR, MINUTE, SECOND, WINDOWS
from deskmon.components.choices import Choice, Key, action, following
from deskmon.components.columns import Cell, Column, Row, is_stale, never_cut
from deskmon.components.panel import (
    EACH_FRAME,
    STYLES,
    AcknowledgeAlert,
    Command,
    Drill,
    Frame,
    Intent,
    Line,
    LinkSymbol,
    LookAt,
    Notify,
    Panel,
    Pin,
    SnoozeAlert,
    Span,
)
from deskmon.components.sections import Section
from deskmon.components.table import TablePanel
from deskmon.components.values import change
from deskmon.errors import DeskError
from deskmon.events import Event
from deskmon.model import TOPICS, figures
from deskmon.model.view import ModelView

__all__ = [
    "DAY",
    "EACH_FRAME",
    "HOUR",
    "MINUTE",
    "SECOND",
    "STYLES",
    "TOPICS",
    "WINDOWS",
    "AcknowledgeAlert",
    "Cell",
    "Choice",
    "Column",
    "Command",
    "DeskError",
    "Drill",
    "Event",
    "Frame",
    "Intent",
    "Key",
    "Line",
    "LinkSymbol",
    "LookAt",
    "ModelView",
    "Notify",
    "Panel",
    "Pin",
    "Row",
    "Section",
    "SnoozeAlert",
    "Span",
    "TablePanel",
    "action",
    "api_version",
    "change",
    "events",
    "figures",
    "fmt",
    "following",
    "is_stale",
    "never_cut",
]
