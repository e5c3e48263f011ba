"""Everything that authors of panels and feeds need, in one place: `from deskmon.api import TablePanel, Row, fmt`.

Names that aren't here are the desk's own business and may change.
"""

from __future__ import annotations

from deskmon import format as fmt
from deskmon.assets import contract, main_symbols, symbols_of
from deskmon.clock import DAY, HOUR, MINUTE, SECOND, WINDOWS, Clock, ManualClock, WallClock
from deskmon.columns import Cell, Column, Row, is_stale
from deskmon.errors import ConfigError, DeskError
from deskmon.events import (
    Book, Candle, EtfFlow, Event, FeedStatus, Funding, Gap, Headline, Holding, HoldingTrade, Journal, Liquidation,
    Metric, OpenInterest, Option, Ticker, Trade, VolatilityIndex,
)  # fmt: skip
from deskmon.feed import Feed, FeedContext, TimelineFeed, backoff
from deskmon.matrix import long_share, windows_of, windows_section
from deskmon.model import TOPICS, Model
from deskmon.model.figures import (
    Band, DepthFigure, FeedFigure, FundingFigure, InterestFigure, LiquidationFigures, PriceFigure, SideSums, State,
    VenueDepth, VenueFunding, VenueInterest, VenuePrice, VenueSums, WindowFigure,
)  # fmt: skip
from deskmon.panel import STYLES, Command, Drill, Frame, Intent, Key, Line, Link, Panel, Say, Span
from deskmon.table import Section, TablePanel, following
from deskmon.timeline import Timeline

__all__ = [
    "DAY", "HOUR", "MINUTE", "SECOND", "STYLES", "TOPICS", "WINDOWS",
    "Band", "Book", "Candle", "Cell", "Clock", "Column", "Command", "ConfigError", "DepthFigure", "DeskError", "Drill",
    "EtfFlow", "Event", "Feed", "FeedContext", "FeedFigure", "FeedStatus", "Frame", "Funding", "FundingFigure", "Gap",
    "Headline", "Holding", "HoldingTrade", "Intent", "InterestFigure", "Journal", "Key", "Line", "Link", "Liquidation",
    "LiquidationFigures", "ManualClock", "Metric", "Model", "OpenInterest", "Option", "Panel", "PriceFigure", "Row",
    "Say", "Section", "SideSums", "Span", "State", "TablePanel", "Ticker", "Timeline", "TimelineFeed", "Trade",
    "VenueDepth", "VenueFunding", "VenueInterest", "VenuePrice", "VenueSums", "VolatilityIndex", "WallClock",
    "WindowFigure", "backoff", "contract", "fmt", "following", "is_stale", "long_share", "main_symbols", "symbols_of",
    "windows_of", "windows_section",
]  # fmt: skip
