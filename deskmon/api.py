"""Everything that authors of panels and feeds need, in one place: `from deskmon.api import TablePanel, Row, fmt`.

`events` holds the event types, `figures` the types of what the model tells, `fmt` how figures are written.
What isn't here is the desk's own business and may change.
"""

from __future__ import annotations

from deskmon import events
from deskmon import format as fmt
from deskmon.assets import contract, main_symbols, symbols_of
from deskmon.clock import DAY, HOUR, MINUTE, SECOND, WINDOWS, Clock, ManualClock, WallClock
from deskmon.columns import Cell, Column, Row, is_stale
from deskmon.errors import ConfigError, DeskError
from deskmon.events import Event
from deskmon.feed import Feed, FeedContext, TimelineFeed, backoff
from deskmon.matrix import long_share, windows_of, windows_section
from deskmon.model import TOPICS, Model, figures
from deskmon.panel import STYLES, Command, Drill, Frame, Intent, Key, Line, Link, Panel, Say, Span
from deskmon.table import Section, TablePanel, following
from deskmon.timeline import Timeline

__all__ = [
    "DAY",
    "HOUR",
    "MINUTE",
    "SECOND",
    "STYLES",
    "TOPICS",
    "WINDOWS",
    "Cell",
    "Clock",
    "Column",
    "Command",
    "ConfigError",
    "DeskError",
    "Drill",
    "Event",
    "Feed",
    "FeedContext",
    "Frame",
    "Intent",
    "Key",
    "Line",
    "Link",
    "ManualClock",
    "Model",
    "Panel",
    "Row",
    "Say",
    "Section",
    "Span",
    "TablePanel",
    "Timeline",
    "TimelineFeed",
    "WallClock",
    "backoff",
    "contract",
    "events",
    "figures",
    "fmt",
    "following",
    "is_stale",
    "long_share",
    "main_symbols",
    "symbols_of",
    "windows_of",
    "windows_section",
]
