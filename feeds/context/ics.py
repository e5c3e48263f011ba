"""Calendars: releases of figures, decisions on rates, whatever an ICS file or address holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import PurePath
from urllib.parse import urlsplit

from icalendar import Calendar, Component

from deskmon.events import CalendarEntry
from deskmon.feedkit import DAY
from deskmon.feeds.context.answers import Answer, Unreadable, is_page, refuse_challenge

AHEAD = 400 * DAY
BEHIND = 2 * DAY
MOST = 400


def entries(answer: Answer) -> Iterator[CalendarEntry]:
    """What is due in the next 400 days, the earliest first. An entry of a whole day is due when the day begins, UTC.
    Its source is the calendar's name; of one without a name the host, or the file, that it is from.

    Of an event that repeats only the one that the calendar writes out is taken. Raises Unreadable.
    """
    if is_page(answer.content):
        refuse_challenge(answer.content)
        raise Unreadable("a web page in place of a calendar")
    try:
        calendar = Calendar.from_ical(answer.content)
    except (ValueError, IndexError, KeyError) as fault:
        raise Unreadable(f"no calendar: {fault}"[:160]) from fault
    if not isinstance(calendar, Component) or calendar.name != "VCALENDAR":
        raise Unreadable("no calendar is in it")
    name = _text(calendar.get("X-WR-CALNAME")) or urlsplit(answer.url).hostname or PurePath(answer.url).name
    found = [entry for event in calendar.walk("VEVENT") if (entry := _entry(event, answer.at, name)) is not None]
    due = [entry for entry in found if answer.at - BEHIND < entry.time < answer.at + AHEAD]
    yield from sorted(due, key=lambda entry: entry.time)[:MOST]


def _entry(event: Component, at: int, source: str) -> CalendarEntry | None:
    start, text = getattr(event.get("DTSTART"), "dt", None), _text(event.get("SUMMARY"))
    if start is None or not text:
        return None
    cancelled = _text(event.get("STATUS")).upper() == "CANCELLED"
    return CalendarEntry(
        ts=at, time=_ms(start), text=text, uid=_uid(event) or None, source=source or None, removed=cancelled
    )  # fmt: skip


def _uid(event: Component) -> str:
    """Of one that repeats, of this time."""
    uid, again = _text(event.get("UID")), getattr(event.get("RECURRENCE-ID"), "dt", None)
    return f"{uid} {again}" if uid and again else uid


def _text(value: object) -> str:
    return " ".join(str(value or "").split())[:200]


def _ms(start: date) -> int:
    """A time without a zone is UTC's."""
    moment = start if isinstance(start, datetime) else datetime.combine(start, time())
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
