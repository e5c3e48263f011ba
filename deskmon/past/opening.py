"""A market of the past by one word, for programs: the command line has options of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from deskmon.config.places import journal_folder
from deskmon.config.schema import Config, FeedConfig, HistoryConfig, JournalConfig
from deskmon.errors import UsageError
from deskmon.journal import not_a_file
from deskmon.past.market import PastMarket

DEMO = "demo"


def open_source(source: str | os.PathLike[str] | None, config: str | None = None) -> PastMarket:
    """The market that `source` names: a journal or a folder of segments by its path, `demo` or `demo:NAME`, None the
    user's own rolling journal. `config`: the file whose conventions hold; without it the one that the desk takes.

    Raises UsageError where there is no such market, DeskError where it can't be opened, ConfigError for the config.
    """
    if source is None:
        folder = journal_folder(_loaded(config, {}).journal)
        if not folder.is_dir():
            raise UsageError(
                f"there is no rolling journal at {folder} yet", "a live desk writes one; or name a journal"
            )
        return PastMarket(_playing(config, "replay", path=str(folder)), judge=False)
    name = os.fspath(source)
    if name == DEMO or name.startswith(f"{DEMO}:"):
        _, _, market = name.partition(":")
        return PastMarket(_playing(config, "demo", **({"name": market} if market else {})))
    path = Path(name).expanduser()
    if (fault := not_a_file(path)) is not None:
        raise UsageError(fault.message, fault.remedy)
    return PastMarket(_playing(config, "replay", path=str(path.absolute())))


def journal_config(config: Config, path: str | os.PathLike[str]) -> Config:
    """`config` with the journal at `path` as its market; it keeps nothing of its own."""
    feeds = {"replay": FeedConfig(type="replay", options={"path": os.fspath(path)})}
    return replace(config, feeds=feeds, journal=JournalConfig(enabled=False), history=HistoryConfig(enabled=False))


def _playing(config: str | None, kind: str, **options: Any) -> Config:
    return _loaded(config, {kind: {"type": kind, **options}})


def _loaded(config: str | None, feeds: dict[str, Any]) -> Config:
    from deskmon.config.loading import load  # a hub reads its past, and is handed its configuration

    loaded = load(config, feeds=feeds).config
    return replace(loaded, journal=JournalConfig(enabled=False)) if feeds else loaded
