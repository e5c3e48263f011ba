"""`deskmon check` and `deskmon config`: what is wrong with deskmon.toml, what it comes to, where it is looked for."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from msgspec import structs

from deskmon.cli.text import complain, print_columns, print_json, say
from deskmon.errors import DeskError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deskmon.config.findings import Problem
    from deskmon.config.loading import ConfigReport


def add(commands: Any) -> None:
    """Declare the commands."""
    check = commands.add_parser("check", help="list everything that is wrong with the configuration")
    check.add_argument("file", nargs="?", metavar="FILE", help="this file instead of the one in use")
    check.add_argument("--json", action="store_true", help="problems as JSON")
    check.set_defaults(run=run_check)

    config = commands.add_parser("config", help="show the configuration, its schema, or where it is looked for")
    config.add_argument("what", choices=("show", "schema", "path"))
    config.add_argument("--origin", action="store_true", help="with show: where each value comes from")
    config.add_argument("--user", action="store_true", help="with path: the place for a file of your own")
    config.add_argument("--json", action="store_true", help="with show: as JSON")
    config.set_defaults(run=run_config)


def run_check(args: Namespace) -> int:
    report = _examine(args, args.file or args.config)
    if args.json:
        print_json([_plain(problem) for problem in report.problems])
    else:
        for problem in report.problems:
            say(str(problem))
    if not report.problems:
        if not args.json:
            say(f"{report.found.path}: fine")
        return 0
    count = len(report.problems) + report.more
    if report.more and not args.json:
        say(f"and {report.more:,} more")
    starts = "the desk starts all the same" if report.loaded else "the desk won't start"
    options = {problem.where if problem.where.startswith("--") else "" for problem in report.problems}
    place = options.pop() if len(options) == 1 else ""
    warnings = sum(problem.severity == "warning" for problem in report.problems)
    counts = ((count - warnings, "problem"), (warnings, "warning"))
    words = " and ".join(f"{number:,} {what}{'s' if number > 1 else ''}" for number, what in counts if number)
    complain(f"{words} in {place or report.found.path}, {starts}")
    return 0 if report.loaded else 2


def run_config(args: Namespace) -> int:
    if args.origin and args.what != "show":
        raise UsageError("--origin goes with `deskmon config show`")
    if args.user and args.what != "path":
        raise UsageError("--user goes with `deskmon config path`")
    if args.what == "schema":
        from deskmon.config.reference import json_schema

        return print_json(json_schema())
    if args.what == "path":
        return _print_path(args)
    from deskmon.config.show import to_toml, tree
    from deskmon.errors import ConfigError

    report = _examine(args, args.config)
    if report.loaded is None:
        raise ConfigError([str(problem) for problem in report.problems])
    if args.json:
        return print_json(tree(report.loaded.config))
    say(to_toml(report.loaded.config, report.loaded.origins if args.origin else None).removesuffix("\n"))
    return 0


def _print_path(args: Namespace) -> int:
    """The file in use; with -v every place that was looked at, with --user the place for one's own."""
    from deskmon.config.sources import candidates, find, user_file

    if args.user:
        say(str(user_file()))
        return 0
    found = find(args.config)
    if not args.verbose:
        say(str(found.path))
        return 0
    places = [found] if args.config else candidates()
    in_use = [place.path == found.path and place.how == found.how for place in places]
    print_columns(
        [
            ("→" if here else "", str(place.path), place.how + ("" if place.path.is_file() else ", not there"))
            for place, here in zip(places, in_use, strict=True)
        ]
    )
    return 0


def _examine(args: Namespace, path: str | None) -> ConfigReport:
    from deskmon.config.loading import examine
    from deskmon.config.surroundings import surroundings
    from deskmon.desk.keys import ALL_KEYS

    report = examine(path, args.sets, theme=args.theme, desk_keys=ALL_KEYS)
    return structs.replace(report, problems=(*report.problems, *surroundings(report), *_themes()))


def _themes() -> Iterator[Problem]:
    """Faults of the user's own themes."""
    from deskmon.plugins import own_themes

    for path in sorted(own_themes().glob("*.toml")):
        # Only here: most have none, and colours take longer to import than all of the check.
        from deskmon.colours.theme import load_theme
        from deskmon.config.findings import Problem

        try:
            load_theme(path)
        except DeskError as fault:
            yield Problem("warning", str(path), "", fault.message)


def _plain(problem: Any) -> dict[str, str]:
    return {name: getattr(problem, name) for name in ("severity", "where", "key", "message")}
