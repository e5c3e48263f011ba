"""What a panel without a figure says: who would tell it, how that source is, or the table that is missing."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon.model.view import ModelView

__all__ = ["awaited"]

CONTEXT = "context"
"""The feed that reads them, and what it is called where nobody called it otherwise."""
MOST = 6


def awaited(what: str, sources: Sequence[str], model: ModelView, now: int) -> str:
    """Lines that say why there is none of `what` (`flow`) at `now` (ms): how the `sources` of the feed `context` are
    that tell it; in a live market without them the table of deskmon.toml that brings them; else that this market has
    none."""
    none = f"no {what} yet"
    feeds = model.feeds.figures(now)
    rows = {name.rpartition(" ")[2]: feed for name, feed in feeds.items() if feed.service}
    told = [f"{name}: {rows[name].state}, {rows[name].detail}".rstrip(", ") for name in sources if name in rows]
    if told:
        return "\n".join((f"{none}; the feed {CONTEXT} reads it from", *told[:MOST]))
    if CONTEXT in feeds:
        return f"{none}; the feed {CONTEXT} is {feeds[CONTEXT].state}"
    if model.mode != "live":
        return f"no {what} in this market so far"
    return "\n".join((
        f"{none}. It comes with these lines in deskmon.toml:",
        "[feeds.context]", f'type = "{CONTEXT}"',
        "or from a broker's in/ topics, or a feed of your own",
    ))  # fmt: skip
