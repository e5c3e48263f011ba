"""Everything that authors of panels and feeds need, in one place: `from deskmon.api import TablePanel, Row, fmt`.

`events` holds the event types, `figures` the types of what the model tells, `fmt` how figures are written.
What isn't here is the desk's own business and may change.
"""

from __future__ import annotations

from deskmon import events
from deskmon import format as fmt
from deskmon.analytics import carry
from deskmon.analytics.depth import cumulative, walls
from deskmon.analytics.price_grid import bucket_edge, bucket_of
from deskmon.assets import by_asset, contract, main_symbols, symbols_of
from deskmon.cells import cell_width, crop, fold, line_width, shorten
from deskmon.clock import DAY, HOUR, MINUTE, SECOND, WINDOWS, Clock, ManualClock, WallClock
from deskmon.columns import Cell, Column, Row, is_stale, whole
from deskmon.errors import ConfigError, DeskError
from deskmon.events import Event
from deskmon.feed import Feed, FeedContext, TimelineFeed, backoff
from deskmon.model import TOPICS, Model, figures
from deskmon.model.coverage import is_partial
from deskmon.panel import STYLES, Command, Drill, Frame, Intent, Key, Line, Link, Panel, Pin, Say, Span
from deskmon.pieces.bars import bar_left, bar_right
from deskmon.pieces.breakdown import breakdown_columns, breakdown_row
from deskmon.pieces.carry import (
    Future,
    Rate,
    by_interest,
    funding_is_stale,
    futures,
    premiums,
    rates_by_asset,
    venues_by_interest,
)
from deskmon.pieces.cells import aged, change, rate
from deskmon.pieces.chart import CHART_LEAST, fit, line_chart, within
from deskmon.pieces.context import one_line, series_change, series_name, series_order, series_unit, series_value
from deskmon.pieces.curves import CURVES_LEAST, Axes, Curve, curve_chart
from deskmon.pieces.depth import DEPTH_DEFINITIONS, SLIPPAGE_DEFINITIONS, book_state, depth_section, slippage_section
from deskmon.pieces.entries import ENTRY_COLUMNS, Entry, entry_key, entry_row, entry_side, entry_usd, heat
from deskmon.pieces.expiries import EXPIRY_COLUMNS, expiries_section
from deskmon.pieces.flows import (
    BARS_LEAST,
    FLOW_DEFINITIONS,
    asset_row,
    day_name,
    flow_bars,
    flow_columns,
    flow_headline,
    fund_row,
    signed_amount,
)
from deskmon.pieces.headlines import headline_key, text_lines
from deskmon.pieces.health import coverage_of, feed_columns, feed_row, listening, who_listens
from deskmon.pieces.heat_map import HEAT_REST, heat_assets, heat_section
from deskmon.pieces.instrument import CHART_DEFINITIONS, CHART_TOPICS, CandleView, chart_keys
from deskmon.pieces.levels import (
    level_at,
    level_buckets,
    level_cell,
    level_price,
    level_reach,
    level_stretch,
    level_style,
    level_traded,
    level_turn,
    level_wicks,
    level_words,
)
from deskmon.pieces.liquidation_levels import (
    ESTIMATE_STEP,
    LiquidationLevels,
    liquidation_estimate,
    worn_estimate,
)
from deskmon.pieces.markets import MARKET_DEFINITIONS, market_columns, market_row, venues_of
from deskmon.pieces.options import (
    OPTIONS_DEFINITIONS,
    Underlying,
    UnderlyingPanel,
    chain_name,
    dim,
    dollars,
    expiry_name,
    expiry_of,
    no_chain,
    options_headline,
    skew_cell,
    underlying_key,
    vol,
    vol_change,
    warnings_of,
)
from deskmon.pieces.waves import (
    TIMELINE_LEAST,
    WAVE_COLUMNS,
    WAVE_DEFINITIONS,
    baseline_words,
    compared,
    spell,
    wave_headline,
    wave_length,
    wave_row,
    wave_timeline,
    wrapped,
)
from deskmon.pieces.windows import long_share, windows_of, windows_section
from deskmon.sections import Section
from deskmon.table import TablePanel, following
from deskmon.timeline import Timeline

__all__ = [
    "BARS_LEAST",
    "CHART_DEFINITIONS",
    "CHART_LEAST",
    "CHART_TOPICS",
    "CURVES_LEAST",
    "DAY",
    "DEPTH_DEFINITIONS",
    "ENTRY_COLUMNS",
    "ESTIMATE_STEP",
    "EXPIRY_COLUMNS",
    "FLOW_DEFINITIONS",
    "HEAT_REST",
    "HOUR",
    "MARKET_DEFINITIONS",
    "MINUTE",
    "OPTIONS_DEFINITIONS",
    "SECOND",
    "SLIPPAGE_DEFINITIONS",
    "STYLES",
    "TIMELINE_LEAST",
    "TOPICS",
    "WAVE_COLUMNS",
    "WAVE_DEFINITIONS",
    "WINDOWS",
    "Axes",
    "CandleView",
    "Cell",
    "Clock",
    "Column",
    "Command",
    "ConfigError",
    "Curve",
    "DeskError",
    "Drill",
    "Entry",
    "Event",
    "Feed",
    "FeedContext",
    "Frame",
    "Future",
    "Intent",
    "Key",
    "Line",
    "Link",
    "LiquidationLevels",
    "ManualClock",
    "Model",
    "Panel",
    "Pin",
    "Rate",
    "Row",
    "Say",
    "Section",
    "Span",
    "TablePanel",
    "Timeline",
    "TimelineFeed",
    "Underlying",
    "UnderlyingPanel",
    "WallClock",
    "aged",
    "asset_row",
    "backoff",
    "bar_left",
    "bar_right",
    "baseline_words",
    "book_state",
    "breakdown_columns",
    "breakdown_row",
    "bucket_edge",
    "bucket_of",
    "by_asset",
    "by_interest",
    "carry",
    "cell_width",
    "chain_name",
    "change",
    "chart_keys",
    "compared",
    "contract",
    "coverage_of",
    "crop",
    "cumulative",
    "curve_chart",
    "day_name",
    "depth_section",
    "dim",
    "dollars",
    "entry_key",
    "entry_row",
    "entry_side",
    "entry_usd",
    "events",
    "expiries_section",
    "expiry_name",
    "expiry_of",
    "feed_columns",
    "feed_row",
    "figures",
    "fit",
    "flow_bars",
    "flow_columns",
    "flow_headline",
    "fmt",
    "fold",
    "following",
    "fund_row",
    "funding_is_stale",
    "futures",
    "headline_key",
    "heat",
    "heat_assets",
    "heat_section",
    "is_partial",
    "is_stale",
    "level_at",
    "level_buckets",
    "level_cell",
    "level_price",
    "level_reach",
    "level_stretch",
    "level_style",
    "level_traded",
    "level_turn",
    "level_wicks",
    "level_words",
    "line_chart",
    "line_width",
    "liquidation_estimate",
    "listening",
    "long_share",
    "main_symbols",
    "market_columns",
    "market_row",
    "no_chain",
    "one_line",
    "options_headline",
    "premiums",
    "rate",
    "rates_by_asset",
    "series_change",
    "series_name",
    "series_order",
    "series_unit",
    "series_value",
    "shorten",
    "signed_amount",
    "skew_cell",
    "slippage_section",
    "spell",
    "symbols_of",
    "text_lines",
    "underlying_key",
    "venues_by_interest",
    "venues_of",
    "vol",
    "vol_change",
    "walls",
    "warnings_of",
    "wave_headline",
    "wave_length",
    "wave_row",
    "wave_timeline",
    "who_listens",
    "whole",
    "windows_of",
    "windows_section",
    "within",
    "worn_estimate",
    "wrapped",
]
