"""What a panel without a figure says: who would tell it, how that source is, or the table that is missing."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon.components.sections import Section, only_words
from deskmon.model.view import ModelView

__all__ = ["awaited", "awaited_date", "awaited_options", "by_file_only"]

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
    return _unconfigured(what, CONTEXT, model)


def awaited_date(model: ModelView, now: int) -> str:
    """The same of what is due."""
    if model.mode == "live" and not any(name.endswith(" calendar") for name in model.feeds.figures(now)):
        bring = "option chains bring expiries, these lines of deskmon.toml a calendar"
        return f'nothing is due yet; {bring}:\n[feeds.{CONTEXT}.urls]\ncalendar = "https://HOST/DATES.ics"'
    return awaited("date", ("calendar",), model, now)


def by_file_only(missing: Sequence[str], model: ModelView) -> tuple[Section, ...]:
    """A line that says of figures which no public source tells that a file of one's own can; none where nothing is
    missing, or in a market that is played."""
    if not missing or model.mode != "live":
        return ()
    return only_words(f"no public source tells {', '.join(missing)}; a feed of type file can (docs/context.md)", "file")


def awaited_options(what: str, kind: str, model: ModelView, now: int) -> str:
    """The same of options: how the channels are, of whichever feed, whose names end in `kind`, `chain` or `DVOL`."""
    feeds = {name: feed for name, feed in model.feeds.figures(now).items() if not feed.service}
    told = [
        f"{channel} of {name}: {detail or feed.state}"
        for name, feed in feeds.items()
        for channel, detail in feed.channels.items()
        if channel.endswith(f" {kind}")
    ]
    if told and model.mode == "live":
        return "\n".join((f"no {what} yet; the desk waits for", *told[:MOST]))
    begun = [name for name, feed in feeds.items() if feed.state == "connecting" and not feed.channels]
    if begun and model.mode == "live":
        return f"no {what} yet; connecting: {', '.join(begun[:MOST])}"
    return _unconfigured(what, "deribit_options", model)


def _unconfigured(what: str, feed: str, model: ModelView) -> str:
    """The lines of deskmon.toml that bring it, to a live market alone: one that is played has what it has."""
    if model.mode != "live":
        return f"no {what} in this market so far"
    return f'no {what} yet; these lines of deskmon.toml bring it:\n[feeds.{feed}]\ntype = "{feed}"'
