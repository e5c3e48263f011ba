"""What commands share: the configuration in use, a desk on one market, the private hub."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from deskmon import plugins
from deskmon.cli.text import complain
from deskmon.config.schema import Config, HistoryConfig, JournalConfig
from deskmon.errors import UsageError
from deskmon.events import MAX_NAME

if TYPE_CHECKING:
    from deskmon.config.follower import ConfigFollower
    from deskmon.config.loading import Loaded
    from deskmon.desk.config_writer import ConfigWriter
    from deskmon.mqtt.client.broker import Broker
    from deskmon.timeline import Moment
    from deskmon.transport.link import ChildLink, Link

HANDED_OVER = "DESKMON_HUB_CONFIG"
"""Environment variable in which a screen hands its private hub the configuration, so that no option shows in `ps`."""

UNRECORDED = JournalConfig(enabled=False)
"""What a desk writes that is looked at for a moment, or whose market isn't live: nothing."""

KIOSK = "this is a kiosk"
"""Why a kiosk keeps nothing."""
GUEST = "a screen with --as keeps no files"
"""Why a trader's screen on another's hub keeps nothing."""


def load_config(args: Namespace, feeds: Mapping[str, Mapping[str, Any]] | None = None) -> Config:
    """The configuration that the common options ask for, with `feeds` in place of its own where given.

    Warnings go to stderr. Raises ConfigError with all errors.
    """
    args.loaded, args.given = _load(args, feeds), feeds
    for warning in args.loaded.warnings:
        complain(warning)
    config: Config = args.loaded.config
    return config


def _load(args: Namespace, feeds: Mapping[str, Mapping[str, Any]] | None) -> Loaded:
    from deskmon.config.loading import load
    from deskmon.desk.keys import ALL_KEYS

    layout, kbps = getattr(args, "begin_with", None), getattr(args, "max_kbps", None)
    sets = args.sets if kbps is None else [*args.sets, f"desk.max_kbps={kbps}"]
    loaded = load(args.config, sets, theme=args.theme, layout=layout, feeds=feeds, desk_keys=ALL_KEYS)
    config: Config = loaded.config
    config = replace(config, desk=replace(config.desk, trader=_trader(args, config)))
    config = _with_examples(config, feeds)
    if getattr(args, "kiosk", False):
        config = replace(without_calls(config), journal=UNRECORDED, history=HistoryConfig(enabled=False))
    return replace(loaded, config=config)


def _with_examples(config: Config, feeds: Mapping[str, Mapping[str, Any]] | None) -> Config:
    """The configuration with the rules and scenarios that an embedded market brings, under its own."""
    given = (feeds or {}).get("demo")
    if given is None:
        return config
    from deskmon.alerts.settings import RuleSettings, ScenarioSettings

    tables = _demo(given).examples()
    rules = msgspec.convert(tables.get("alerts", {}).get("rules", {}), dict[str, RuleSettings])
    scenarios = msgspec.convert(tables.get("scenarios", {}), dict[str, dict[str, ScenarioSettings]])
    return replace(
        config, scenarios={**scenarios, **config.scenarios},
        alerts=replace(config.alerts, rules={**rules, **config.alerts.rules}),
    )  # fmt: skip


def _demo(given: Mapping[str, Any]) -> Any:
    from deskmon.plugins import construct

    return construct("demo", plugins.load_feed("demo"), {key: given[key] for key in given if key != "type"})


def moments(args: Namespace) -> Sequence[Moment]:
    """Those of the embedded market that the configuration was loaded for; of another market none."""
    given = (args.given or {}).get("demo")
    found: Sequence[Moment] = () if given is None else _demo(given).moments()
    return found


def _trader(args: Namespace, config: Config) -> str:
    """Who sits at this screen. Raises UsageError for what can be no name."""
    given: str | None = getattr(args, "trader", None)
    if given is not None and not (0 < len(given) <= MAX_NAME and given.isprintable()):
        raise UsageError(f"--as {given!r} is no name", f"1 to {MAX_NAME} characters that print")
    return given or config.desk.trader or _login()


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a process without an account
        return "trader"


def without_calls(config: Config) -> Config:
    """The configuration of a hub that tells nobody of its alerts."""
    return replace(config, alerts=replace(config.alerts, send=False))


def config_follower(args: Namespace) -> ConfigFollower:
    """The files behind what `load_config` has read last, to be followed. A market that a command put in place of their
    feeds stays, and such a desk writes no journal."""
    from deskmon.config.follower import ConfigFollower
    from deskmon.config.sources import find

    def again() -> Loaded:
        loaded = _load(args, args.given)
        return loaded if args.given is None else replace(loaded, config=replace(loaded.config, journal=UNRECORDED))

    return ConfigFollower(args.loaded, again, lambda: find(args.config).path)


def config_writer(args: Namespace, *, attached: bool = False) -> ConfigWriter:
    """Who writes what a trader's keys keep: into the config file in use. A trader whom somebody else let onto his hub,
    by `attach --as`, writes no file on that machine."""
    from deskmon.config.sources import find
    from deskmon.desk.config_writer import ConfigWriter

    market = "the feeds are the hub's own" if attached else "a demo's and a replay's market is as it is"
    market = "" if args.given is None else market
    is_guest = attached and getattr(args, "trader", None) is not None
    refusal = KIOSK if args.kiosk else GUEST if is_guest else ""
    return ConfigWriter(find(args.config).path, refusal, kiosk=args.kiosk, attached=attached, market=market)


def on_market(args: Namespace, kind: str, **options: Any) -> Config:
    """The configuration with one feed only, of plug-in `kind`; such a desk writes no journal."""
    config = load_config(args, {kind: {"type": kind, **options}})
    return msgspec.structs.replace(config, journal=UNRECORDED)


def demos() -> dict[str, str]:
    """The embedded markets that `deskmon demo` knows, each with what it shows."""
    from deskmon.plugins import load_feed

    feed: Any = load_feed("demo")
    return dict(feed.demos())


def toured() -> list[str]:
    """The embedded markets that have moments."""
    return [name for name in demos() if _demo({"name": name}).moments()]


def no_demo(name: str) -> UsageError | None:
    """Why no embedded market is called so; None where one is."""
    from deskmon.config.findings import suggestion

    return None if name in demos() else UsageError(f"no demo is called {name!r}", suggestion(name, demos()))


def on_demo(args: Namespace, name: str) -> Config:
    """The configuration on the embedded market `name`, "" for the first. Raises UsageError for an unknown one."""
    if name and (fault := no_demo(name)) is not None:
        raise fault
    return on_market(args, "demo", **({"name": name} if name else {}))


def private_link(config: Config, args: Namespace) -> ChildLink:
    """A link to a hub of this desk's own, a child process."""
    from deskmon.transport.link import ChildLink

    hand_over(config)
    argv = [sys.executable, "-P", "-m", "deskmon", "hub", "--stdio"]
    argv += ["-v"] if args.verbose else []
    argv += ["--log", os.path.abspath(args.log)] if args.log else []
    return ChildLink(argv)


def hand_over(config: Config) -> str:
    """Leave the configuration, as JSON, to a private hub that starts from now on."""
    text = os.environ[HANDED_OVER] = msgspec.json.encode(config).decode()
    return text


def handed_over() -> Config:
    """The configuration that the screen handed this hub. Raises UsageError where there is none."""
    text = os.environ.pop(HANDED_OVER, None)
    if text is None:
        raise UsageError("--stdio is for the desk's own use", "for a hub of your own: deskmon hub --listen unix:PATH")
    config = msgspec.json.decode(text, type=Config)
    plugins.choose(msgspec.to_builtins(config.plugins))
    return config


def remote_link(url: str, config: Config) -> Link:
    """A link to a running hub. Raises UsageError for an address that is none, DeskError for a secret that is none."""
    from deskmon.mqtt.client.topics import is_address
    from deskmon.transport.link import UnixLink, unix_path

    if not is_address(url):
        return UnixLink(unix_path(url))
    from deskmon.mqtt.client.link import MqttLink

    return MqttLink(broker(url, config))


def broker(url: str, config: Config) -> Broker:
    """The broker at `url`, with the credentials of `[mqtt]`. Raises UsageError and DeskError as `remote_link`."""
    from deskmon.config.secrets import credentials
    from deskmon.mqtt.client.broker import Broker
    from deskmon.mqtt.client.topics import address

    return Broker(address(url), credentials(config.mqtt))
