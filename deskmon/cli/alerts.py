"""`deskmon alerts`: which rules there are, trial runs of them, and one alert for real, so that a route is known to
work before it must."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from deskmon.cli.market import add_source
from deskmon.cli.text import print_columns, print_json
from deskmon.errors import DeskError, UsageError, nearest

if TYPE_CHECKING:
    from deskmon.config.schema import Config
    from deskmon.delivery.notice import Message


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("alerts", help="list the rules, try them on the past, or send one for real")
    parser.add_argument("what", choices=("list", "test", "send"))
    parser.add_argument("rule", nargs="?", metavar="RULE", help="with send: a rule of the configuration")
    parser.add_argument("--route", metavar="NAME", help="with send: this route alone; all of them where absent")
    add_source(parser)
    parser.add_argument("--json", action="store_true", help="as JSON; with test one object a line")
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Status 1 where a route didn't take what was sent, or a trial run came out otherwise than expected."""
    from deskmon.cli.log_file import start_log
    from deskmon.cli.session import load_config

    if args.what != "send" and (args.rule or args.route):
        raise UsageError("a rule and --route go with `deskmon alerts send`")
    if args.what == "test":
        from deskmon.cli.alert_trials import run_test

        return run_test(args)
    config = load_config(args)
    start_log(args, stderr=False)
    return _list(config, args) if args.what == "list" else _send(config, args)


def _list(config: Config, args: Namespace) -> int:
    rules = [
        {"rule": name, "severity": rule.severity, "enabled": rule.enabled, "legs": [*_legs(rule)]}
        for name, rule in config.alerts.rules.items()
    ]
    if args.json:
        return print_json(rules)
    print_columns([
        (name, rule.severity if rule.enabled else "off", "; ".join(_legs(rule)))
        for name, rule in config.alerts.rules.items()
    ])  # fmt: skip
    return 0


def _legs(rule: Any) -> Iterable[str]:
    return filter(None, (rule.when, *rule.all, *rule.any, *rule.not_))


def _send(config: Config, args: Namespace) -> int:
    if not config.alerts.routes:
        raise UsageError("no route is configured", "add [alerts.routes.NAME] to deskmon.toml: docs/alert-routes.md")
    rule = _known("rule", args.rule or "", config.alerts.rules)
    routes = list(config.alerts.routes) if args.route is None else [_known("route", args.route, config.alerts.routes)]
    answers = asyncio.run(_sent(config, rule, routes))
    if args.json:
        print_json([{"route": route, "sent": taken, "words": words} for route, taken, words in answers])
    else:
        print_columns([("sent" if taken else "FAILED", route, words) for route, taken, words in answers])
    return 0 if all(taken for _, taken, _ in answers) else 1


def _known(what: str, name: str, names: Iterable[str]) -> str:
    if name in names:
        return name
    close = nearest(name, names)
    raise UsageError(
        f"no {what} is called {name!r}", f"did you mean {close!r}?" if close else f"there are {', '.join(names)}"
    )


async def _sent(config: Config, rule: str, routes: list[str]) -> list[tuple[str, bool, str]]:
    """Each route, whether it took the message, and its words."""
    from deskmon.delivery.routes import sender

    async def one(route: str) -> tuple[str, bool, str]:
        try:
            answer = await sender(route, config.alerts.routes[route], config.mqtt).send(_trial(config, rule, route))
        except DeskError as fault:
            return route, False, str(fault)
        return route, answer.taken, answer.words

    return await asyncio.gather(*map(one, routes))


def _trial(config: Config, rule: str, route: str) -> Message:
    """The message of a trial: the rule's own severity and words, and that it is a trial."""
    from msgspec.structs import replace

    from deskmon.clock import WallClock
    from deskmon.delivery.notice import Notice, message

    now, settings = WallClock().now(), config.alerts.rules[rule]
    text = f"this is a trial: {settings.text or '; '.join(_legs(settings))}"
    notice = Notice(rule=rule, state="firing", ts=now, since=now, severity=settings.severity, text=text)
    made = message(route, [notice], now, config.desk.name, "test")
    return replace(made, title=f"TEST {made.title}")
