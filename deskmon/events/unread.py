"""A book that a replay passes by: nearly every one gives way to a newer before anybody looks."""

from __future__ import annotations

import msgspec

from deskmon import events
from deskmon.events.market import Book


class UnreadBook(msgspec.Struct, frozen=True, gc=False):
    """A book whose line was found to be one. Only the line is kept: the levels take four times as much memory, and to
    hold thousands of them costs as much time as to decode them."""

    ts: int
    recv: int | None
    venue: str
    symbol: str
    line: bytes

    @property
    def arrival(self) -> int:
        """When the desk knew of it (ms)."""
        return self.ts if self.recv is None else self.recv

    def read(self) -> Book:
        """The book with its levels."""
        book = events.decode_event(self.line)
        assert isinstance(book, Book)
        return book
