"""What an embedded market is at its start, kept from run to run: made and folded anew it takes seconds.

A market has two files in the user's cache folder. `NAME.start`: a head, then what a model knows at the start, an event
as JSON a line, as a hub tells a screen. `NAME.rest`: the events that follow, zlib; none for a market without end, which
goes on by itself. NAME is a digest of the market's name, of what the configuration says of figures, and of the code
that makes both. So what another version kept, or this one before a change, is never found. The oldest files go.

A file that can't be read as it was written is as good as none.
"""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import chain
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec

from deskmon import __version__
from deskmon.config.schema import Config
from deskmon.configured_model import conventions
from deskmon.digest import digest
from deskmon.events import Checkpoint, Event, Journal, Mode, StreamEvent, decode_event, encode_event
from deskmon.feedkit import TimelineFeed
from deskmon.timeline import Timeline, following

KEPT = 12
"""Markets that are kept; the ones used longest ago go."""
_END = b"end"
_PART = ".part"
_GIVEN_UP_S = 300.0
LOG = "log"
"""Part of a model in which changes of levels are told."""
_PIECE = 64 * 1024
_PACKAGE = Path(__file__).parents[1]
_FOLDERS = (_PACKAGE, *(_PACKAGE / name for name in ("analytics", "events", "hub", "model", "past")))
"""Code that makes figures of events."""


class Head(msgspec.Struct, frozen=True):
    """What a timeline says of itself."""

    header: Journal
    mode: Mode
    start: int
    end: int | None


class KnownMarket:
    """A market that was kept, as a timeline: see `Timeline`. lines: what a model knows at its start, a JSON event each.
    log: the session log in it, with the changes of levels that nobody said.
    """

    def __init__(self, head: Head, lines: Sequence[bytes], log: bytes, rest: Path | None, feed: TimelineFeed) -> None:
        self.header = head.header
        self.mode: Mode = head.mode
        self.start = head.start
        self.end = head.end
        self.log = log
        self._lines = lines
        self._packed = b""
        self._rest = rest
        self._feed = feed

    @property
    def lines(self) -> Sequence[bytes]:
        return zlib.decompress(self._packed).split(b"\n") if self._packed else self._lines

    def pack(self) -> None:
        """Hold the lines packed from here on: after the start few ask for them. Any thread may call it."""
        if not self._packed:
            self._packed = zlib.compress(b"\n".join(self._lines), 1)
            self._lines = ()

    def known(self) -> list[Event]:
        """Events that make any model one that knows what had arrived by the start."""
        decode = msgspec.json.Decoder(StreamEvent).decode
        return [decode(line) for line in self.lines]

    def told(self) -> list[bytes]:
        """The same as a hub has it, which says changes of levels: JSON events."""
        log = f'"part":"{LOG}"'.encode()
        return [self.log if log in line[:80] else line for line in self.lines]

    def events(self) -> Iterator[Event]:
        """What is known at the start, then what follows."""
        return chain(self.known(), self.following())

    def following(self) -> Iterator[Event]:
        """What arrives after the start, in order of arrival."""
        if self._rest is not None and self._rest.exists():
            return _read_rest(self._rest)
        return following(self._feed.timeline())


class StartCache:
    """What markets are at their start, for desks whose configuration says the same of figures."""

    def __init__(self, config: Config, folder: Path | None = None) -> None:
        """`folder` stands in for the one in the user's cache folder."""
        self.writes = config.history.enabled
        """Whether this desk keeps anything from run to run."""
        self._folder = folder
        self._conventions = msgspec.json.encode(conventions(config))

    @classmethod
    def of(cls, config: Config) -> StartCache | None:
        """The one for a desk of this configuration; None where pins of its own are in what it says at the start."""
        return None if config.levels.pins else cls(config)

    def open(self, feed: TimelineFeed) -> KnownMarket | None:
        """The market of `feed` as it was kept, None where it wasn't. Blocks."""
        path = self._path(feed)
        if path is None:
            return None
        try:
            head, *lines, log, end = path.read_bytes().split(b"\n")
            if end != _END:
                return None
            os.utime(path)
            read = msgspec.json.decode(head, type=Head)
        except (OSError, ValueError):
            return None
        rest = path.with_suffix(".rest")
        if read.end is not None and not rest.exists():
            return None
        return KnownMarket(read, lines, log, None if read.end is None else rest, feed)

    def keep_beside(self, feed: TimelineFeed, timeline: Timeline, known: Sequence[Event], log: Any) -> None:
        """`keep`, in a thread that nobody waits for, not even the end of the process."""
        Thread(target=self.keep, args=(feed, timeline, known, log), name="start cache", daemon=True).start()

    def keep(self, feed: TimelineFeed, timeline: Timeline, known: Sequence[Event], log: Any) -> None:
        """Keep `known`, a model's snapshot at the timeline's start, and what follows. log: the session log as a hub has
        it then, with the changes of levels. Blocks; where the folder can't be written to nothing is kept."""
        path = self._path(feed)
        if path is None or not self.writes:
            return
        head = Head(timeline.header, timeline.mode, timeline.start, timeline.end)
        of_hub = Checkpoint(ts=timeline.start, part=LOG, data=log)
        lines = [msgspec.json.encode(head), *map(encode_event, known), encode_event(of_hub), _END]
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            if timeline.end is not None:
                _write(path.with_suffix(".rest"), _packed(timeline.events(), timeline.start))
            _write(path, [b"\n".join(lines)])
            _thin_out(path.parent)

    def _path(self, feed: TimelineFeed) -> Path | None:
        import platformdirs

        name = feed.market()
        if not name:
            return None
        folder = self._folder or platformdirs.user_cache_path("deskmon") / "demos"
        code = _code(os.path.dirname(getattr(sys.modules.get(type(feed).__module__), "__file__", None) or ""))
        key = digest(b"\0".join([name.encode(), self._conventions, code]))
        return folder / f"{key}.start"


def _thin_out(folder: Path) -> None:
    """Leave the newest markets, and what is being written."""
    files = {path: path.stat().st_mtime for path in folder.iterdir()}
    starts = sorted((path for path in files if path.suffix == ".start"), key=lambda path: files[path], reverse=True)
    kept = {path.stem for path in starts[:KEPT]}
    for path, at in files.items():
        given_up = at < files[starts[0]] - _GIVEN_UP_S if path.suffix == _PART else path.stem not in kept
        if given_up:
            path.unlink(missing_ok=True)


@cache
def _code(feeds: str) -> bytes:
    """What tells one state of the code from another: version, and time and size of each file of the code that makes
    events and figures."""
    found: list[Any] = [__version__, sys.version_info[:2]]
    for folder, inner, files in chain(os.walk(feeds), ((str(each), [], os.listdir(each)) for each in _FOLDERS)):
        inner[:] = sorted(name for name in inner if name != "__pycache__")
        for name in sorted(name for name in files if name.endswith((".py", ".toml"))):
            told = os.stat(os.path.join(folder, name))
            found.append((name, told.st_mtime_ns, told.st_size))
    return repr(found).encode()


def _packed(events: Iterable[Event], start: int) -> Iterator[bytes]:
    packer = zlib.compressobj(1)
    for event in events:
        if event.arrival > start:
            yield packer.compress(encode_event(event) + b"\n")
    yield packer.compress(_END) + packer.flush()


def _read_rest(path: Path) -> Iterator[Event]:
    unpacker, left = zlib.decompressobj(), b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            *lines, left = (left + unpacker.decompress(piece)).split(b"\n")
            yield from map(decode_event, lines)


def _write(path: Path, parts: Iterable[bytes]) -> None:
    """A file that appears whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}{_PART}")
    try:
        with part.open("wb") as file:
            file.writelines(parts)
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
