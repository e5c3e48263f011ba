"""The model of a market at one moment: folded from a timeline, or gathered from a hub."""

from __future__ import annotations

import asyncio
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskmon.errors import DeskError, UsageError

if TYPE_CHECKING:
    from deskmon.config.schema import Config
    from deskmon.desk.hub_link import HubLink
    from deskmon.model import Model
    from deskmon.transport.link import Link

ATTACH_S = 10.0
"""Seconds that a running hub gets to answer."""
LIVE_S = 20.0
"""Seconds that live feeds get to connect before what there is is taken."""
AT = "desk time: ISO 8601 UTC, epoch ms, +15m from the start, 2h ago, 14:05, yesterday 21:00, monday, now"
SETTLE_S = 2.0
"""Seconds that follow once every feed is up or down, so that all symbols arrive."""


def add_source(parser: Any, *, at: bool = True) -> None:
    """Declare the options that choose a market, and with `at` a moment of it; without one it is the live market of the
    configuration."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--demo", metavar="NAME", nargs="?", const="", action=_Demo, help="an embedded market")
    source.add_argument("--replay", metavar="FILE", help="a journal, or a folder of segments")
    source.add_argument("--attach", metavar="URL", help="a running hub, unix:PATH or mqtts://HOST/DESK")
    if at:
        parser.add_argument("--at", metavar="TIME", help=AT)


class _Demo(Action):
    """Takes the name of an embedded market. Raises UsageError for another word before what the command lacks without it
    is told: where a word of the command's own stands behind `--demo`, it says where that goes."""

    def __call__(self, parser: ArgumentParser, namespace: Namespace, values: Any, option_string: Any = None) -> None:
        from deskmon.cli.session import no_demo

        if values and (fault := no_demo(values)) is not None:
            own = next((action for action in parser._actions if not action.option_strings), None)
            if own is not None and _fits(values, own):
                remedy = f"--demo takes the word behind it; write `{parser.prog} {values} --demo`"
                raise UsageError(fault.message, remedy)
            raise fault
        setattr(namespace, self.dest, values)


def _fits(word: str, own: Action) -> bool:
    """Whether the word can stand for a command's own argument: one of its choices, else a figure."""
    if own.choices is not None:
        return word in own.choices
    from deskmon.model.figure_path import parse

    try:
        parse(word)
    except UsageError:
        return False
    return True


def chosen(args: Namespace) -> Config:
    """The configuration on the market that the options of `add_source` name."""
    from deskmon.cli.session import load_config, on_demo, on_market

    if args.demo is not None:
        return on_demo(args, args.demo)
    if args.replay is not None:
        return on_market(args, "replay", path=journal_path(args.replay))
    if getattr(args, "at", None) is not None and args.attach is None:
        raise UsageError("--at goes with --demo, --replay or --attach", "only a running hub knows what was")
    return load_config(args, feeds=None if args.attach is None else {})


def chosen_past(args: Namespace) -> Config:
    """The same for commands that look at what was: without an option it is the user's own rolling journal. Raises
    UsageError where there is none."""
    if args.demo is None and args.replay is None and args.attach is None:
        return _own_journal(args)
    return chosen(args)


def _own_journal(args: Namespace) -> Config:
    from deskmon.cli.session import load_config
    from deskmon.config.places import journal_folder
    from deskmon.past import journal_config

    config = load_config(args, feeds={})
    folder = journal_folder(config.journal)
    if not folder.is_dir():
        raise UsageError(
            f"there is no rolling journal at {folder} yet",
            "a live desk writes one; or give --demo, --replay or --attach",
        )
    args.judge = False  # what its hub said of alerts, and who acknowledged them, is in it
    return journal_config(config, folder)


def market(config: Config, args: Namespace, *, attach: str | None = None) -> tuple[Model, int]:
    """The model of `config`'s market, or of the hub at `attach`, and its desk time (ms)."""
    from msgspec.structs import replace

    from deskmon.cli.log_file import start_log
    from deskmon.cli.session import UNRECORDED, private_link, remote_link, without_calls

    start_log(args, stderr=False)
    if attach is not None:
        return asyncio.run(_attached(remote_link(attach, config), config, attach, getattr(args, "at", None)))
    feeds = [feed for feed in config.feeds.values() if feed.enabled]
    if len(feeds) == 1 and (folded := _fold(config, feeds[0].type, args)):
        return folded
    settled = _Settled([label for label, feed in config.feeds.items() if feed.enabled])
    link = private_link(replace(without_calls(config), journal=UNRECORDED), args)
    return asyncio.run(_gather(link, config, LIVE_S, settled, None))


def replay_options(file: str, at: str | None, speed: str) -> dict[str, Any]:
    """Options of the replay feed. Raises UsageError for a file, time or speed that can't be."""
    from deskmon.events import MAX_TS, MIN_TS
    from deskmon.timeline import parse_time

    if at is not None:
        parse_time(at, MIN_TS, MAX_TS)
    options: dict[str, Any] = {"path": journal_path(file), **({} if at is None else {"at": at})}
    if speed == "max":
        return {**options, "speed": "max"}
    try:
        factor = float(speed)
    except ValueError:
        factor = 0.0
    if not 0 < factor < float("inf"):
        raise UsageError(f"{speed!r} is no speed", "write a number such as 0.5 or 60, or max")
    return {**options, "speed": factor}


def journal_path(file: str) -> str:
    """`file` as an absolute path. Raises UsageError where there is none, or nothing that a journal is read from."""
    from deskmon.journal.source import not_a_file

    path = Path(file).expanduser()
    if not path.exists() and file != "-":
        raise UsageError(f"{file}: no such journal", "`deskmon record FILE` makes one")
    if (fault := not_a_file(path)) is not None:
        raise UsageError(fault.message, fault.remedy)
    return str(path.absolute())


def _fold(config: Config, kind: str, args: Namespace) -> tuple[Model, int] | None:
    """The one feed's market folded up to `--at`, or None where that feed is no timeline. Rules are judged unless only
    other figures are asked for."""
    from deskmon.feedkit import TimelineFeed
    from deskmon.plugins import load_feed

    if not issubclass(load_feed(kind), TimelineFeed):
        return None
    from deskmon.cli.timeline_model import model_at

    only = getattr(args, "only", None)
    judge = only is None or any(key in only for key in ("alerts", "scenarios", "log"))
    return model_at(config, getattr(args, "at", None), judge=judge and getattr(args, "judge", True))


async def hub_model(config: Config, url: str) -> Model:
    """The model of the running hub at `url`. Raises UsageError for no address, DeskError where no hub answers."""
    from deskmon.cli.session import remote_link

    model, _ = await _gather(remote_link(url, config), config, ATTACH_S, _answered, url)
    return model


async def _attached(link: Link, config: Config, url: str, at: str | None) -> tuple[Model, int]:
    """The model of a running hub, as it is or as it was at the moment `at`."""
    from deskmon.past.look_back import model_then

    if at is None:
        return await _gather(link, config, ATTACH_S, _answered, url)
    try:
        return await model_then(link, config, at)
    except TimeoutError:
        raise _no_answer(link, url) from None


async def _gather(
    link: HubLink, config: Config, limit_s: float, ready: Callable[[Model], bool], url: str | None
) -> tuple[Model, int]:
    """Fold what the hub sends until the model is `ready`, at most `limit_s`."""
    from deskmon.clock import WallClock
    from deskmon.configured_model import new_model

    model = new_model(config)
    try:
        async with asyncio.timeout(limit_s):
            async for batch in link.events():
                model.apply(batch)
                if ready(model):
                    break
    except TimeoutError:
        if model.pulse is None:
            raise _no_answer(link, url) from None
    finally:
        await link.close()
    return model, model.pulse.ts if model.pulse is not None else WallClock().now()


def _no_answer(link: HubLink, url: str | None) -> DeskError:
    """Why nothing came: in the link's own words where they name the hub, so that nothing is said twice."""
    what, _, remedy = link.detail.partition("; ")
    reason = f" ({what})" if what else ""
    if url is None:
        return DeskError(f"the desk's hub doesn't answer{reason}", remedy or "-v and --log FILE show why")
    option = "--listen" if url.startswith("unix:") else "--mqtt"
    host = link.where.rpartition("/")[0] if option == "--mqtt" else link.where
    message = what if host in what else f"no hub answers at {url}{reason}"
    return DeskError(message, remedy or f"start one with `deskmon hub {option} {url}`")


def _answered(model: Model) -> bool:
    return model.pulse is not None


class _Settled:
    """True once every feed has been up or down for SETTLE_S."""

    def __init__(self, labels: list[str]) -> None:
        self._labels = labels
        self._since: int | None = None

    def __call__(self, model: Model) -> bool:
        if model.pulse is None:
            return False
        now = model.pulse.ts
        feeds = model.feeds.figures(now)
        if not all(label in feeds and feeds[label].state != "connecting" for label in self._labels):
            self._since = None
            return False
        self._since = now if self._since is None else self._since
        return now - self._since >= SETTLE_S * 1000
