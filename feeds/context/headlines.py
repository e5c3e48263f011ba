"""Headlines of RSS and Atom feeds."""

from __future__ import annotations

from calendar import timegm
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import feedparser

from deskmon.events import Headline
from deskmon.feeds.context.answers import Answer, Unreadable, is_page, refuse_challenge
from deskmon.feeds.context.pages import plain

MOST = 100
"""Entries that are taken of one answer, the newest."""


def headlines(answer: Answer) -> Iterator[Headline]:
    """Titles as plain text, oldest first, each with its feed's title and its link without what tracks the reader.
    Raises Unreadable."""
    if is_page(answer.content):
        refuse_challenge(answer.content)
        raise Unreadable("a web page in place of a feed")
    feed = feedparser.parse(answer.content, sanitize_html=True, resolve_relative_uris=False)
    if not feed.get("version"):
        raise Unreadable(f"no RSS or Atom: {str(feed.get('bozo_exception', 'nothing in it'))[:80]}")
    source = plain(feed.feed.get("title", "")).partition(":")[0] or urlsplit(answer.url).hostname or ""
    found = []
    for entry in feed.entries:
        when, text = entry.get("published_parsed") or entry.get("updated_parsed"), plain(entry.get("title", ""))[:500]
        if when is not None and text:
            ts = min(timegm(when) * 1000, answer.at)
            found.append(Headline(ts=ts, text=text, source=source or None, url=_link(entry.get("link"))))
    if feed.entries and not found:
        raise Unreadable("no entry has a title and a time")
    yield from sorted(found, key=lambda each: each.ts)[-MOST:]


def _link(url: str | None) -> str | None:
    """An address of the web without query and fragment; None for any other scheme."""
    parts = urlsplit(url or "")
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")) if parts.scheme in ("http", "https") else None
