"""What is wrong around a configuration that is right in itself: rights of files, secrets, folders of this machine,
assets that its feeds don't bring."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath

from msgspec.structs import replace

from deskmon import plugins
from deskmon.config.findings import Path, Problem, dotted, shown, suggestion
from deskmon.config.loading import ConfigReport, Loaded
from deskmon.config.reading import exposed
from deskmon.config.schema import Config
from deskmon.config.secrets import credentials, http_token
from deskmon.errors import ConfigError


def surroundings(report: ConfigReport) -> Iterator[Problem]:
    """Files that others can change, secrets that others can read or that aren't there, a folder that is missing, a
    report on assets that no feed has."""
    for file in report.files:
        if fault := exposed(file):
            yield Problem("warning", str(file), "", fault)
    if report.loaded is not None:
        yield from _secrets(report.loaded)
        yield from _journal(report.loaded)
        yield from _assets_of_report(report.loaded)


def _secrets(loaded: Loaded) -> Iterator[Problem]:
    mqtt, http = loaded.config.mqtt, loaded.config.http
    if mqtt.password is not None and mqtt.password.startswith("env:"):
        mqtt = replace(mqtt, password=None)  # whoever starts the hub sets it
    if http.token is not None and http.token.startswith("env:"):
        http = replace(http, token=None)
    for read in (lambda: credentials(mqtt), lambda: http_token(http)):
        try:
            read()
        except ConfigError as refused:
            key, _, words = str(refused).partition(": ")
            yield _problem(loaded, tuple(key.split(".")), words)


def _journal(loaded: Loaded) -> Iterator[Problem]:
    written = loaded.config.journal.path
    if written is None:
        return
    path = FilePath(written).expanduser()
    if not path.parent.is_dir():
        fault = f"no folder {shown(str(path.parent))}, so no journal is written; make it, or name another"
        yield _problem(loaded, ("journal", "path"), fault)
    elif path.is_dir():
        yield _problem(loaded, ("journal", "path"), f"{shown(written)} is a folder; name a file in it, such as x.jsonl")


def _assets_of_report(loaded: Loaded) -> Iterator[Problem]:
    asked = loaded.config.report.assets
    known = _assets_of_feeds(loaded.config) if asked else None
    if known is None:
        return
    for index, asset in enumerate(asked):
        if asset not in known:
            fault = f"no feed here has {shown(asset)}, so a report of this desk says nothing of it"
            yield _problem(loaded, ("report", "assets", index), f"{fault}; {suggestion(asset, known)}")


def _assets_of_feeds(config: Config) -> set[str] | None:
    """What the desk can have; None where a feed's source decides, or the other hubs on its broker."""
    known: set[str] = set()
    for feed in config.feeds.values():
        if not feed.enabled:
            continue
        assets = plugins.assets_of(feed.type, feed.options)
        if assets is None:
            return None
        known.update(assets)
    return known if known and config.mqtt.url is None else None


def _problem(loaded: Loaded, path: Path, message: str) -> Problem:
    return Problem("warning", loaded.origins.get(path[:2], str(loaded.path)), dotted(path), message)
