"""From files and `--set` to a validated Config, or to the list of all that is wrong."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

import msgspec

from deskmon.components.choices import Key
from deskmon.config.findings import Findings, Path, Problem, dotted
from deskmon.config.routes import check_routes
from deskmon.config.schema import VERSION, Config, FeedConfig
from deskmon.config.secrets import check_http, check_mqtt
from deskmon.config.semantics import check_semantics
from deskmon.config.sources import DEFAULT, Found, Tree, find, gather, override, replace
from deskmon.config.structure import check
from deskmon.errors import ConfigError

COMMAND = "the command line"
"""Origin of what a command itself puts in."""


class Loaded(msgspec.Struct, frozen=True):
    """A configuration that can be used.

    path: the file it came from, the packaged default included. origins: for every value by path, the file
    and line it comes from, or `default`, `--set`, `--theme`.
    warnings: what the desk goes on without, in words. files: all that were read, but not the packaged default.
    """

    config: Config
    path: FilePath
    origins: Mapping[Path, str]
    warnings: tuple[str, ...] = ()
    files: tuple[FilePath, ...] = ()


class ConfigReport(msgspec.Struct, frozen=True):
    """What an examination found; `loaded` is None where an error is among the problems. `more`: problems beyond those
    that are told. files: all that were read, or would have been, but not the packaged default."""

    found: Found
    problems: tuple[Problem, ...]
    loaded: Loaded | None
    more: int = 0
    files: tuple[FilePath, ...] = ()


def load(
    path: str | os.PathLike[str] | None = None,
    sets: Sequence[str] = (),
    *,
    theme: str | None = None,
    layout: str | None = None,
    feeds: Mapping[str, Mapping[str, Any]] | None = None,
    desk_keys: Sequence[Key] = (),
    environ: Mapping[str, str] = os.environ,
    cwd: FilePath | None = None,
) -> Loaded:
    """The configuration to use. Raises ConfigError with every error, in the order of the file's tables.

    path: the file asked for; else $DESKMON_CONFIG, `cwd`, the user's config folder, the packaged default.
    feeds: stands in for `[feeds]`, whole. sets: `a.b=value` texts that override all, in order.
    desk_keys: keys of the desk and of edit mode that `[keys]` may move beside the panels' own; without them `[keys]`
    isn't checked for meaning.
    """
    report = examine(path, sets, theme=theme, layout=layout, feeds=feeds, desk_keys=desk_keys, environ=environ, cwd=cwd)
    if report.loaded is None:
        more = [f"{report.more:,} problems more"] if report.more else []
        raise ConfigError([*(str(problem) for problem in report.problems), *more])
    return report.loaded


def examine(
    path: str | os.PathLike[str] | None = None,
    sets: Sequence[str] = (),
    *,
    theme: str | None = None,
    layout: str | None = None,
    feeds: Mapping[str, Mapping[str, Any]] | None = None,
    desk_keys: Sequence[Key] = (),
    environ: Mapping[str, str] = os.environ,
    cwd: FilePath | None = None,
) -> ConfigReport:
    """As `load`, but reports problems of both severities instead of raising. Never raises for what a file holds."""
    found = find(path, environ, cwd)
    tree = gather(found)
    if feeds is not None:
        replace(tree, "feeds", feeds, COMMAND)
    for text in sets:
        override(tree, "--set", text)
    if theme is not None:
        override(tree, "--theme", f"desk.theme={msgspec.json.encode(theme).decode()}")
    if layout is not None:
        override(tree, "--layout", f"desk.layout={msgspec.json.encode(layout).decode()}")
    findings = Findings(lenient=_is_newer(tree.data.get("version")))
    shaped = _shape(tree.data)
    written = _written(tree)
    check(
        {key: value for key, value in shaped.items() if any(path[0] == key for path in written)}, Config, (), findings
    )
    check_semantics(tree.data, desk_keys, findings, written)
    check_mqtt(tree.data, findings, tree.file)
    check_http(tree.data, findings, tree.file)
    check_routes(tree.data, findings, tree.file)
    config = _config(shaped, findings)
    faults = sorted(findings.found, key=lambda fault: tree.line(fault[1]) or 0)
    problems = (*tree.problems, *(_problem(tree, *fault) for fault in faults))
    if findings.failed or any(problem.severity == "error" for problem in problems):
        return ConfigReport(found, problems, None, findings.more, tuple(tree.files))
    warnings = tuple(str(problem) for problem in problems)
    origins = {path: tree.where(path) for path in tree.origins}
    files = tuple(tree.files)
    return ConfigReport(found, problems, Loaded(config, found.path, origins, warnings, files), findings.more, files)


def _written(tree: Tree) -> set[Path]:
    """The tables, and the tables in them, in which something is neither the packaged default's nor a command's own:
    only these need be judged, and only their plug-ins be imported for it."""
    return {path[:2] for path, origin in tree.origins.items() if origin not in (DEFAULT, COMMAND)}


def _is_newer(version: Any) -> bool:
    return isinstance(version, int) and version > VERSION


def _config(shaped: dict[str, Any], findings: Findings) -> Config:
    """The configuration without what nobody knows of it; where there is an error, the default one."""
    for path in findings.unknown:
        option = path[0] == "feeds" and len(path) == 3
        _drop(shaped, (*path[:2], "options", path[2]) if option else path)
    if findings.failed:
        return Config()
    try:
        return msgspec.convert(shaped, Config, strict=True)
    except msgspec.ValidationError as fault:
        findings.error((), str(fault))
        return Config()


def _drop(shaped: dict[str, Any], path: Path) -> None:
    """Take a key that the schema doesn't have out of its table, copying what leads there: it is the file's own data."""
    table: Any = shaped
    for part in path[:-1]:
        table[part] = below = list(table[part]) if isinstance(table[part], list) else dict(table[part])
        table = below
    del table[path[-1]]


def _problem(tree: Tree, severity: Any, path: Path, message: str) -> Problem:
    return Problem(severity, tree.where(path), dotted(path), message)


def _shape(data: Mapping[str, Any]) -> dict[str, Any]:
    """The tree as the schema has it: a feed's own options, flat in the file, move to `options`."""
    feeds = data.get("feeds")
    if not isinstance(feeds, dict):
        return dict(data)
    own = set(FeedConfig.__struct_fields__) - {"options"}
    return {**data, "feeds": {label: _shape_feed(feed, own) for label, feed in feeds.items()}}


def _shape_feed(feed: Any, own: set[str]) -> Any:
    if not isinstance(feed, dict):
        return feed
    shaped = {key: value for key, value in feed.items() if key in own}
    return {**shaped, "options": {key: value for key, value in feed.items() if key not in own}}
