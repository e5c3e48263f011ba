"""The table of sources as docs/context.md shows it."""

from __future__ import annotations

from deskmon.feeds.context.catalogue import SOURCES, YAHOO
from deskmon.feeds.context.source import Address, Source


def markdown() -> str:
    """A row for each provider of each source, in the order in which they are asked."""
    head = "| source | tells | asked | every | terms |"
    rows = [_row(source, address) for source in SOURCES.values() for address in _addresses(source)]
    return "\n".join((head, "|---|---|---|---|---|", *rows)) + "\n"


def _addresses(source: Source) -> tuple[Address, ...]:
    return (YAHOO, *source.addresses) if source.name == "macro" else source.addresses


def _row(source: Source, address: Address) -> str:
    first = address is _addresses(source)[0]
    every = _length(source.period_s) + (" while funds report" if source.hours else "")
    limit = "".join(f"; at most {most} requests in {hours} h" for hours, most in address.limits.items())
    key = f"; key of `keys.{address.provider}`" if address.key else ""
    off = "; off unless `yahoo = true`" if address is YAHOO else "" if address.urls else "; at an address of yours"
    cells = (f"`{source.name}`", source.tells, every) if first else ("", "", "")
    return f"| {cells[0]} | {cells[1]} | {address.provider}{key}{off}{limit} | {cells[2]} | {address.licence} |"


def _length(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds < 3_600 else f"{seconds / 3_600:g} h"
