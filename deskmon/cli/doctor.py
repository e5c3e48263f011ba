"""`deskmon doctor`: what works on this machine, what doesn't, what to do."""

from __future__ import annotations

import os
import re
import shutil
import sys
from argparse import Namespace
from collections.abc import Generator, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from deskmon.cli.text import print_columns, print_json
from deskmon.errors import DeskError

if TYPE_CHECKING:
    from deskmon.config.schema import Config
    from deskmon.mqtt.client.broker import Broker

SMALLEST = (80, 24)
BROKER_S = 12.0
"""Seconds that a desk on a broker gets to show itself."""
REPORT = "`deskmon capture {} --for 60s --out FOLDER` keeps what the venue says: docs/captures.md"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and the remedy where it isn't well."""

    state: Literal["ok", "warn", "fail"]
    what: str
    detail: str
    remedy: str = ""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("doctor", help="terminal, configuration, feeds, venues: what works and what to do")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Status 1 where anything fails."""
    findings: list[Finding] = []
    for finding in _all(args):
        findings.append(finding)
        if not args.json:
            remedy = f"; {finding.remedy}" if finding.remedy else ""
            print_columns([(finding.state.ljust(4), finding.what.ljust(12), finding.detail + remedy)])
            sys.stdout.flush()
    if args.json:
        print_json([asdict(finding) for finding in findings])
    return 1 if any(finding.state == "fail" for finding in findings) else 0


def _all(args: Namespace) -> Iterator[Finding]:
    yield from terminal(os.environ, shutil.get_terminal_size(SMALLEST), sys.stdout.isatty())
    yield from _packages()
    config = yield from _config(args)
    if config is not None:
        yield from _plugins(config)
        yield from broker(config)
        yield from routes(config)
        yield from _venues(config, args)


def terminal(environ: Mapping[str, str], size: tuple[int, int], is_terminal: bool) -> Iterator[Finding]:
    """How the desk would look here."""
    from deskmon.colours.colour_depth import find_colour_depth
    from deskmon.terminal.charset import charset

    if not is_terminal:
        yield Finding("warn", "terminal", "stdout is no terminal", "the desk prints one frame instead of running")
    term = environ.get("TERM", "")
    if term in ("", "dumb"):
        yield Finding("fail", "terminal", f"TERM is {term or 'not set'}", "use a terminal that moves its cursor")
    else:
        yield Finding("ok", "terminal", f"TERM is {term}")
    depth = find_colour_depth(environ)
    if depth == "truecolor":
        yield Finding("ok", "colours", "16 million")
    elif environ.get("NO_COLOR"):
        yield Finding("warn", "colours", "none: NO_COLOR is set", "--set desk.colors=256 asks for them all the same")
    else:
        yield Finding("warn", "colours", str(depth), "export COLORTERM=truecolor if the terminal has more")
    columns, rows = size
    small = columns < SMALLEST[0] or rows < SMALLEST[1]
    yield Finding("warn" if small else "ok", "size", f"{columns}x{rows}", "80x24 is the least" if small else "")
    carried = charset(environ)
    remedy = "the desk is drawn without what it lacks; export LC_ALL=C.UTF-8 where the terminal knows UTF-8"
    yield Finding("ok" if carried.full else "warn", "locale", carried.encoding, "" if carried.full else remedy)
    if environ.get("TMUX") and term.startswith("screen"):
        remedy = "set -g default-terminal tmux-256color and set -sg escape-time 10 in tmux.conf"
        yield Finding("warn", "tmux", f"TERM is {term} in tmux", remedy)


def _packages() -> Iterator[Finding]:
    """What deskmon says it needs, and which version of it is here."""
    from importlib.metadata import PackageNotFoundError, requires, version

    found, missing = [f"python {sys.version.split()[0]}"], []
    try:
        needs = [need for need in requires("deskmon") or () if "extra ==" not in need]
    except PackageNotFoundError:
        yield Finding("fail", "packages", "deskmon itself isn't installed", "pip install -e . in the checkout")
        return
    for name in (re.split(r"[^\w.-]", need)[0] for need in needs):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    yield Finding("ok", "packages", ", ".join(found))
    if missing:
        yield Finding("fail", "packages", f"missing: {', '.join(missing)}", "install deskmon again")


def _config(args: Namespace) -> Generator[Finding, None, Config | None]:
    from deskmon.config.loading import examine
    from deskmon.config.surroundings import surroundings
    from deskmon.desk.keys import ALL_KEYS

    report = examine(args.config, args.sets, theme=args.theme, desk_keys=ALL_KEYS)
    state: Literal["ok", "fail"] = "ok" if report.loaded else "fail"
    yield Finding(state, "config", f"{report.found.path} ({report.found.how})")
    for problem in (*report.problems, *surroundings(report)):
        yield Finding("fail" if problem.severity == "error" else "warn", "config", str(problem))
    return report.loaded.config if report.loaded else None


def _plugins(config: Config) -> Iterator[Finding]:
    """Whether the feeds that are used load, and every panel and feed of a third party's package."""
    from deskmon import plugins

    used = {(plugins.FEEDS, feed.type) for feed in config.feeds.values() if feed.enabled}
    for group, name in sorted({*used, *plugins.third_party()}):
        try:
            plugins.load(group, name)
        except DeskError as fault:
            yield Finding("fail" if (group, name) in used else "warn", "plug-in", fault.message, fault.remedy)
        else:
            yield Finding("ok", "plug-in", f"{'feed' if group == plugins.FEEDS else 'panel'} {name!r} loads")


def broker(config: Config) -> Iterator[Finding]:
    """Does what a screen does with the desk on the configured broker."""
    if config.mqtt.url is None:
        return
    import asyncio

    from deskmon.cli import session

    try:
        hub = asyncio.run(_hub_of(session.broker(config.mqtt.url, config)))
    except DeskError as fault:
        yield Finding("fail", "broker", fault.message, fault.remedy)
    else:
        yield Finding("ok", "broker", f"{config.mqtt.url}: hub {hub} leads, and sends its desk")


def routes(config: Config) -> Iterator[Finding]:
    """Where a hub of this configuration sends what fires: opens each route, sends nothing."""
    from deskmon.delivery.routes import sender

    for name, route in config.alerts.routes.items():
        try:
            sender(name, route, config.mqtt)
        except DeskError as fault:
            yield Finding("fail", f"route {name}", fault.message, fault.remedy)
        else:
            yield Finding("ok", f"route {name}", f"{route.type}; `deskmon alerts send RULE --route {name}` tries it")


async def _hub_of(broker: Broker) -> str:
    """The hub that leads a desk, once its snapshot is here. Raises DeskError in the words of the link."""
    import asyncio
    from contextlib import aclosing

    from deskmon.mqtt.client.link import MqttLink

    async def give_up(_: float) -> None:
        raise DeskError(link.detail, "docs/mqtt.md says what a desk on a broker needs")

    link = MqttLink(broker, sleep=give_up)
    try:
        async with asyncio.timeout(BROKER_S):
            async with aclosing(link.events()) as events:
                async for _ in events:
                    if link.next is not None:
                        break
    except TimeoutError:
        raise DeskError(f"{broker.address.broker} takes too long") from None
    finally:
        await link.close()
    return link.hub


def _venues(config: Config, args: Namespace) -> Iterator[Finding]:
    """Starts the feeds for a few seconds and tells how they are."""
    from deskmon.cli.market import market
    from deskmon.model.feeds import is_none

    try:
        model, now = market(config, args)
    except DeskError as fault:
        yield Finding("fail", "feeds", fault.message, fault.remedy)
        return
    if model.header is not None and model.header.mode not in (None, "live"):
        yield Finding("ok", "feeds", f"{next(iter(config.feeds))}: the market opens")
        return
    figures = model.feeds.figures(now)
    labels = [label for label, feed in config.feeds.items() if feed.enabled]
    down = [label for label in labels if label not in figures or figures[label].state != "live"]
    for label in labels:
        feed = figures.get(label)
        detail = f"{label}: {feed.state}, {feed.detail}".rstrip(", ") if feed else f"{label}: no word of it"
        absent = [name.replace("_", " ") for name, words in (feed.channels if feed else {}).items() if is_none(words)]
        detail += f"; it has no {', no '.join(absent)}" if absent else ""
        remedy = f"look at its address, proxy and exchange in [feeds]; {REPORT.format(label)}" if label in down else ""
        yield Finding("fail" if label in down else "ok", "venue", detail, remedy)
        for name, source in figures.items():
            if source.service and name.startswith(f"{label} "):
                state: Literal["ok", "warn"] = "ok" if source.state == "live" else "warn"
                yield Finding(state, "source", f"{name}: {source.state}, {source.detail}".rstrip(", "))
    if labels and not down:
        yield Finding("ok", "report", f"is a figure wrong? {REPORT.format('FEED')}")
    if labels and down == labels:
        remedy = "this machine seems to be offline; `deskmon demo` needs no network"
        yield Finding("fail", "network", "no venue answers", remedy)
