"""`deskmon hub` and `deskmon record`: feeds, model and journal without a screen."""

from __future__ import annotations

import argparse
import asyncio
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from deskmon.cli.text import complain
from deskmon.errors import UsageError

if TYPE_CHECKING:
    from deskmon.config.schema import Config
    from deskmon.hub.bind import Bind, GuardedBind


def add(commands: Any) -> None:
    """Declare the commands."""
    hub = commands.add_parser("hub", help="feeds, model and journal without a screen, for `deskmon attach`")
    hub.add_argument("--listen", metavar="unix:PATH", help="where screens attach")
    hub.add_argument("--mqtt", metavar="URL", help="the broker that carries the desk, mqtts://HOST/DESK")
    hub.add_argument("--metrics", metavar="HOST:PORT", help="numbers for a monitoring system, 127.0.0.1:9400")
    hub.add_argument("--http", metavar="HOST:PORT", help="figures for other programs, read-only, 127.0.0.1:8080")
    hub.add_argument("--stdio", action="store_true", help=argparse.SUPPRESS)
    hub.set_defaults(run=run_hub)

    record = commands.add_parser("record", help="feeds to a journal, no screen")
    record.add_argument("file", metavar="FILE", help="a new journal, .jsonl or .jsonl.zst")
    record.add_argument("--for", dest="duration", metavar="10m", help="how long; until Ctrl-C where absent")
    record.set_defaults(run=run_record)


def run_hub(args: Namespace) -> int:
    from deskmon.cli.log_file import start_log
    from deskmon.cli.session import broker, config_follower, handed_over, load_config
    from deskmon.hub.server import serve

    start_log(args, stderr=True)  # first: it says why, whatever the hub ends with
    metrics = None if args.metrics is None else _metrics(args.metrics)
    config = handed_over() if args.stdio else load_config(args)
    url = args.mqtt or (None if args.stdio else config.mqtt.url)
    mqtt = broker(url, config) if url else None
    http = None if args.http is None else _http(args.http, config)
    if not (args.stdio or args.listen or mqtt or http or config.journal.path or config.journal.folder):
        raise UsageError(
            "this hub would serve no screen and write no journal that was asked for",
            "give --listen unix:PATH, --mqtt URL or --http HOST:PORT, or [mqtt] url, [journal] path or folder in the "
            "configuration",
        )
    if args.stdio:
        return asyncio.run(serve(config, stdio=True))
    from deskmon.config.sources import find

    files = config_follower(args)
    name = str(find(args.config).path.absolute())
    return asyncio.run(
        serve(config, listen=args.listen, mqtt=mqtt, metrics=metrics, http=http, follower=files, config_name=name)
    )  # fmt: skip


def _metrics(text: str) -> Bind:
    """Where to answer a monitoring system. Raises UsageError for what is no address, and where its library isn't
    installed: before anything listens."""
    from deskmon.hub.bind import parse_bind
    from deskmon.hub.metrics import look_for_client

    bind = parse_bind(text, "--metrics")
    look_for_client()
    return bind


def _http(text: str, config: Config) -> GuardedBind:
    """Where to answer other programs, and their token. Raises UsageError for an address that others reach while there
    is no token, ConfigError for a token that can't be read."""
    from deskmon.config.secrets import http_token
    from deskmon.hub.bind import GuardedBind, parse_bind

    bind, token = parse_bind(text, "--http"), http_token(config.http)
    if token is None and not bind.is_loopback:
        raise UsageError(
            f"--http {text} can be reached from elsewhere, and there is no token",
            'set [http] token = "env:NAME" or "file:PATH", or take 127.0.0.1',
        )
    return GuardedBind(bind, token)


def run_record(args: Namespace) -> int:
    from deskmon.cli.log_file import start_log
    from deskmon.cli.session import load_config
    from deskmon.timeline import parse_duration

    start_log(args, stderr=True)
    limit_s = parse_duration(args.duration) / 1000 if args.duration else None
    config = load_config(args)
    return asyncio.run(_record(config, args.file, limit_s))


async def _record(config: Config, file: str, limit_s: float | None) -> int:
    from deskmon.hub.server import serve

    timer = asyncio.timeout(limit_s)
    try:
        async with timer:
            return await serve(config, journal=file)
    except TimeoutError:
        if not timer.expired():
            raise
    complain(f"recorded to {file}")
    return 0
