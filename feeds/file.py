"""A desk's own numbers from a file or an address: CSV, JSON or ICS, read again when it changes."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from deskmon.feedkit import Feed, FeedContext, UsageError
from deskmon.feeds.context.mapping import Mapped, parse
from deskmon.feeds.context.reading import Reading
from deskmon.feeds.context.request import MOST_BYTES, Raw, RequestFault, request
from deskmon.feeds.context.shelf import Kept
from deskmon.feeds.context.source import Address, Source

FORMS = {".csv": "csv", ".json": "json", ".ics": "ics"}


class FileFeed(Feed):
    """Reads one file or address by a mapping of its columns to the fields of an event."""

    name: ClassVar[str] = "file"
    title: ClassVar[str] = "A series, flows, holdings or dates of your own, from a CSV, JSON or ICS file or address"
    quiet_s: ClassVar[float] = 400 * 86_400.0

    class Options(Feed.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """Options of the feed."""

        path: Annotated[str, Meta(description="The file, or an address that begins with https:// or http://.")]
        event: Annotated[
            Literal["metric", "etf_flow", "holding", "holding_trade", "headline", "calendar"],
            Meta(description="What a row is: an event by its name in journals."),
        ] = "metric"
        form: Annotated[
            Literal["", "csv", "json", "ics"], Meta(description="How it is written; by its suffix where left out.")
        ] = ""
        columns: Annotated[
            dict[str, str], Meta(description="The column, or path in JSON, of each field of the event.")
        ] = msgspec.field(default_factory=dict)
        values: Annotated[dict[str, str | float], Meta(description="Fields that are the same in all rows.")] = (
            msgspec.field(default_factory=dict)
        )
        scale: Annotated[
            dict[str, float], Meta(description="Factors of numbers: 1e6 where a column is in millions.")
        ] = msgspec.field(default_factory=dict)
        at: Annotated[str, Meta(description="Where in JSON the list of rows is, such as data.items.")] = ""
        time_format: Annotated[str, Meta(description="How times are written, as in strptime: %d.%m.%Y.")] = ""
        every_s: Annotated[float, Meta(description="Seconds between two readings.", ge=1.0)] = 60.0

    options: Options

    @classmethod
    def validate_options(cls, options: Any) -> Sequence[tuple[str, str]]:
        """What the mapping lacks, a form that nobody can tell, and a file that isn't there."""
        faults = [] if _is_address(options.path) or _stamp(options.path) else [("path", _absent(options.path))]
        return [*faults, *cls._mapping_faults(options)]

    @classmethod
    def _mapping_faults(cls, options: Any) -> Sequence[tuple[str, str]]:
        form = _form(options)
        if _is_address(options.path) and "@" in urlsplit(options.path).netloc:
            return [("path", "a user and a password don't stand in an address")]
        if not form:
            return [("form", f"{options.path!r} has none of the suffixes {', '.join(FORMS)}: say which form it has")]
        if form == "ics":
            return []
        return [("columns", fault) for fault in _mapped(options).faults()]

    async def run(self, context: FeedContext) -> None:
        """Read until cancelled. Raises UsageError for a mapping that can't work: no reading would mend it."""
        options = self.options
        for _, fault in self._mapping_faults(options):
            raise UsageError(fault)
        address = Address(self.label, (options.path,), parse(_mapped(options), _form(options)), "your own")
        source = Source(self.label, self.title, options.event, (address,), options.every_s, doubted=False)
        http = await asyncio.to_thread(import_module, "aiohttp")  # longer than a loop may wait
        async with http.ClientSession(trust_env=True) as session:

            async def ask(url: str, headers: Mapping[str, str]) -> Raw:
                return await request(session, url, headers) if _is_address(url) else await asyncio.to_thread(_read, url)

            reading = Reading(source, ask, Nothing(), {}, context.clock.now, context.rng)
            place = _place(options.path)
            channels = {options.event: place}
            context.status("connecting", place, channels)
            read: tuple[int, ...] | None = None
            while True:
                stamp = None if _is_address(options.path) else await asyncio.to_thread(_stamp, options.path)
                if stamp is None or stamp != read:
                    outcome = await reading.read(context.emit)
                    words = outcome.words.replace(self.label, place, 1)
                    context.status("live" if outcome.ok else "down", words, channels)
                    read = stamp
                await context.sleep(outcome.wait_s if _is_address(options.path) else options.every_s)


class Nothing:
    """A shelf that keeps nothing: a file is its own."""

    def kept(self, url: str) -> Kept | None:
        return None

    def keep(self, answer: Kept) -> None:
        return None

    def may_ask(self, provider: str, now: int, limits: Mapping[int, int]) -> bool:
        return True

    @contextmanager
    def asking(self, url: str) -> Iterator[bool]:
        yield True


def _mapped(options: FileFeed.Options) -> Mapped:
    return Mapped(
        options.event, options.columns, options.values, options.scale, options.at, options.time_format
    )  # fmt: skip


def _form(options: FileFeed.Options) -> str:
    return options.form or FORMS.get(Path(options.path.partition("?")[0]).suffix.lower(), "")


def _place(path: str) -> str:
    """A path, or of an address what can't be a secret: host and path."""
    parts = urlsplit(path)
    return f"{parts.hostname}{parts.path}" if _is_address(path) else path


def _is_address(path: str) -> bool:
    return path.startswith(("https://", "http://"))


def _absent(path: str) -> str:
    """That there is no such file, and where a path that isn't absolute was looked for."""
    beside = "" if path.startswith(("/", "~")) else f" in {Path.cwd()}"
    return f"there is no file {path!r}{beside}"


FAULTS = (OSError, ValueError, RuntimeError)
"""What a path may raise: it isn't there, it holds a null, its user is unknown."""


def _stamp(path: str) -> tuple[int, ...] | None:
    """What moves when a file changes; None where there is none."""
    try:
        told = Path(path).expanduser().stat()
    except FAULTS:
        return None
    return told.st_mtime_ns, told.st_size, told.st_ino


def _read(path: str) -> Raw:
    """A plain file, as it is now. Raises RequestFault."""
    try:
        with os.fdopen(os.open(Path(path).expanduser(), os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise RequestFault("it is no plain file")
            content = file.read(MOST_BYTES + 1)
    except FAULTS as fault:
        raise RequestFault(f"it can't be read: {(getattr(fault, 'strerror', '') or str(fault)).lower()}") from fault
    if len(content) > MOST_BYTES:
        raise RequestFault(f"it is larger than {MOST_BYTES // 1024 // 1024} MiB")
    return Raw(content, "", "", "")
