"""`deskmon`, `deskmon demo`, `deskmon replay`, `deskmon attach`: the desk on four kinds of market."""

from __future__ import annotations

import gc
import os
import sys
from argparse import SUPPRESS, Namespace
from typing import TYPE_CHECKING, Any

from deskmon.cli.text import complain, print_columns, write
from deskmon.errors import UsageError

if TYPE_CHECKING:
    from deskmon.config.schema import Config


def add(commands: Any) -> None:
    """Declare the commands."""
    demo = commands.add_parser("demo", help="the desk on an embedded market: no network, no keys")
    demo.add_argument("name", nargs="?", default="", metavar="NAME", help="which market; the simulator where absent")
    demo.add_argument("--list", action="store_true", help="list the embedded markets")
    demo.add_argument("--tour", action="store_true", help="walk through the moments of a reconstruction")
    demo.add_argument("--panel", metavar="NAME", help="this panel alone")
    demo.add_argument("--reload", action="store_true", help="with --panel: take it anew whenever its file is saved")
    demo.set_defaults(run=run_demo)

    replay = commands.add_parser("replay", help="the desk on a journal")
    replay.add_argument("file", metavar="FILE", help="a journal: .jsonl, .jsonl.zst or a folder of segments")
    replay.add_argument(
        "--at",
        metavar="TIME",
        help="where to begin: ISO 8601 UTC, epoch ms, +15m from its start, 2h ago, 14:05, monday",
    )
    replay.add_argument("--speed", metavar="N|max", default="1", help="desk time per real time")
    replay.set_defaults(run=run_replay)

    attach = commands.add_parser("attach", help="a screen on a running hub")
    attach.add_argument("url", metavar="URL", help="unix:PATH or mqtts://HOST/DESK, as given to `deskmon hub`")
    attach.set_defaults(run=run_attach)
    for command in (demo, replay, attach):
        add_screen(command, default=SUPPRESS)


def add_screen(parser: Any, **default: Any) -> None:
    """Declare the options of a screen, which stand before the command as well as after it."""
    group = parser.add_argument_group("screen")
    group.add_argument("--layout", dest="begin_with", metavar="NAME", help="layout to begin with", **default)
    group.add_argument(
        "--max-kbps", metavar="N", help="budget for the terminal in kilobits per second: a thin line's", **default
    )
    group.add_argument(
        "--as", dest="trader", metavar="NAME", help="who signs notes and acknowledgements; the login where absent",
        **default,
    )  # fmt: skip
    group.add_argument(
        "--kiosk", action="store_true", help="for strangers: writes no file, keeps no change, leads nowhere", **default
    )


def live(args: Namespace) -> int:
    """`deskmon`: live, as deskmon.toml says."""
    from deskmon.cli.session import load_config

    return _show(load_config(args), args)


def run_demo(args: Namespace) -> int:
    from deskmon.cli.session import demos, moments, on_demo, toured

    if args.list:
        print_columns(list(demos().items()))
        return 0
    if args.panel is not None:
        _alone(args, args.panel)
    elif args.reload:
        raise UsageError("--reload goes with --panel NAME")
    config = on_demo(args, args.name)
    if args.tour and not moments(args):
        raise UsageError("this market has no moments to walk through", f"there are some in {', '.join(toured())}")
    return _show(config, args)


def _alone(args: Namespace, panel: str) -> None:
    """Have the configuration begin with a layout of one panel. Raises UsageError for a panel that isn't installed, or
    that can't be reloaded."""
    from deskmon import plugins

    if getattr(args, "begin_with", None) is not None:
        raise UsageError("--panel and --layout don't go together", "leave one out")
    if panel not in plugins.panel_names() and os.path.exists(f"{panel}.py"):
        hint = "`python -m pip install -e .` installs what the pyproject.toml here names"
        raise UsageError(f"panel {panel!r} isn't installed, but {panel}.py is here", hint)
    source = plugins.panel_source(panel)
    if args.reload and source is None:
        raise UsageError(f"panel {panel!r} has no file that could be saved", "leave --reload out")
    sys.dont_write_bytecode = sys.dont_write_bytecode or args.reload  # two saves in a second would look like one
    args.begin_with = panel
    args.sets = [*args.sets, f'layouts.{panel}={{cells=[{{panel="{panel}"}}]}}']


def run_replay(args: Namespace) -> int:
    from deskmon.cli.market import replay_options
    from deskmon.cli.session import on_market

    return _show(on_market(args, "replay", **replay_options(args.file, args.at, args.speed)), args)


def run_attach(args: Namespace) -> int:
    from deskmon.cli.log_file import start_log
    from deskmon.cli.session import config_follower, config_writer, load_config, remote_link

    config = load_config(args, feeds={})
    link = remote_link(args.url, config)
    if not _drawable():
        return _frame(config, args, attach=args.url)
    start_log(args, stderr=False)
    gc.disable()  # until the first frame: the screen enables it
    from deskmon.desk.app import run

    return run(config, link, config_writer(args, attached=True), config_follower(args))


def welcome(args: Namespace) -> None:
    """Say where a configuration goes, until there is one or a live desk has kept its history; the terminal shows it
    again when the desk is left."""
    from platformdirs import user_data_path

    from deskmon.config.sources import PACKAGED, find, user_file

    if args.kiosk or find(args.config).path != PACKAGED or user_data_path("deskmon").exists():
        return
    complain(f"no deskmon.toml yet: this is the packaged desk, {PACKAGED}")
    complain(f"`deskmon init` writes one to begin with here, `deskmon init --user` for all folders: {user_file()}")
    complain("`deskmon config path` prints the file in use, `deskmon check` what is wrong with it")


def _show(config: Config, args: Namespace) -> int:
    """The desk on the terminal, or one frame of it where there is none."""
    from deskmon.cli.log_file import start_log
    from deskmon.cli.session import config_follower, config_writer, hand_over, moments, private_link

    if not _drawable():
        return _frame(config, args)
    start_log(args, stderr=False)
    welcome(args)
    link = private_link(config, args)
    link.start()
    gc.disable()  # until the first frame: the screen enables it
    from deskmon.desk.app import run
    from deskmon.desk.story import Story

    story = Story(moments(args), on_tour=getattr(args, "tour", False))

    def to_hub(config: Config) -> None:
        link.command("reload", hand_over(config))

    panel = args.panel if getattr(args, "reload", False) else ""
    return run(config, link, config_writer(args), config_follower(args), to_hub, panel, story)


def _drawable() -> bool:
    """Whether stdout is a terminal that moves its cursor."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("", "dumb")


def _frame(config: Config, args: Namespace, attach: str | None = None) -> int:
    from deskmon.cli.market import market
    from deskmon.cli.output import frame, terminal_size

    model, now = market(config, args, attach=attach)
    write(frame(model, config, now, terminal_size()))
    return 0
