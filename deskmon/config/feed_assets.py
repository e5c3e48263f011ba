"""Adds assets and venues to the feeds of deskmon.toml and takes them away; the rest of the file stays as it is."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import tomlkit

from deskmon import plugins
from deskmon.config.blocks import Block, comments, cut
from deskmon.config.files import edit
from deskmon.config.findings import dotted
from deskmon.config.overlay import KEY
from deskmon.config.sources import PACKAGED
from deskmon.config.toml import parse
from deskmon.errors import DeskError
from deskmon.feedkit import TimelineFeed
from deskmon.format import base

SYMBOLS = "symbols"
"""The option of a feed that lists what it brings; an asset is added to each feed that has it."""
LISTS = (SYMBOLS, "underlyings")
"""Options that an asset is taken from."""
REMEDY = "change [feeds] by hand"
_ASSET = re.compile(r"[A-Z0-9]{1,20}(/[A-Z0-9]{1,20}(:[A-Z0-9]{1,20})?)?\Z")
_NOTE = "# A [feeds] table replaces that of the packaged default whole: these began as its feeds."

Feeds = Mapping[str, Mapping[str, Any]]
"""Feeds as a file has them, by label."""
Edits = dict[str, dict[str, Any]]
"""What becomes of their options, by label: a label that isn't there yet is a new feed."""


def write_market(path: Path, name: str, *, take: bool) -> str:
    """Add an asset or a venue to the feeds of `path`, the config file in use, or `take` it away; what was done, in
    words. Raises DeskError where it can't be done or the file can't be written."""
    done: list[str] = []

    def change(text: str) -> str:
        after, words = with_change(text, name, take=take)
        done.append(words)
        return after

    written = edit(path, change, REMEDY)
    return f"{done[0]}: {written}"


def with_change(text: str, name: str, *, take: bool) -> tuple[str, str]:
    """`text`, a deskmon.toml, with the asset or venue `name` added or taken away, and what was done in words. Raises
    DeskError where it can't be, and ValueError where it isn't TOML."""
    before = parse(text)
    ending = "\r\n" if "\r\n" in text else "\n"
    if not isinstance(before.get("feeds"), dict):
        if KEY in before:
            raise DeskError(
                f"the feeds are those of {before[KEY]}, which all its desks share", "ask who keeps that file"
            )
        text = _with_default_feeds(text, ending)
    feeds: Feeds = parse(text)["feeds"]
    for label in choices(feeds)[1]:
        if _plays(feeds[label]):
            raise DeskError(f"feed {label} plays a market, which is as it is", REMEDY)
    edits, words = edits_to_remove(feeds, name) if take else edits_to_add(feeds, name)
    after = _with_edits(text, feeds, edits, ending)
    wanted = {**feeds, **{label: {**feeds.get(label, {}), **values} for label, values in edits.items()}}
    if parse(after) != {**before, "feeds": wanted} or Counter(comments(text)) - Counter(comments(after)):
        raise DeskError("[feeds] is written in a way that can't be changed without loss", REMEDY)
    return after, words


def choices(feeds: Feeds) -> tuple[list[str], list[str]]:
    """(assets, labels of feeds) that the enabled ones of `feeds` have, each in their order."""
    live = {label: feed for label, feed in feeds.items() if feed.get("enabled", True)}
    assets = (base(symbol) for feed in live.values() for key in LISTS for symbol in _listed(feed, key))
    return list(dict.fromkeys(assets)), list(live)


def edits_to_add(feeds: Feeds, name: str) -> tuple[Edits, str]:
    """What adds an asset or a venue. Raises DeskError where nothing can be added."""
    label = next((label for label in feeds if label.casefold() == name.casefold()), None)
    if label is not None:
        if feeds[label].get("enabled", True):
            raise DeskError(f"{label} is there already", "- takes it away")
        return {label: {"enabled": True}}, f"feed {label} is on again"
    venues = {venue: kind for kind in plugins.feed_names() for venue in _venues(kind)}
    if name.lower() in venues:
        return _new_feed(feeds, name.lower(), venues[name.lower()])
    near = difflib.get_close_matches(name.lower(), venues, n=1, cutoff=0.8)
    if name != name.upper() and len(name) > 3 and near:
        raise DeskError(f"no venue {name!r}; did you mean {near[0]!r}?", "an asset is typed in capitals")
    asset = name.upper()
    if not _ASSET.match(asset):
        raise DeskError(f"{name!r} is neither an asset nor a venue", "such as SUI or gate")
    having = [label for label in choices(feeds)[1] if SYMBOLS in feeds[label]]
    lacking = [label for label in having if asset not in map(_short(asset), _listed(feeds[label], SYMBOLS))]
    if not lacking:
        raise DeskError(f"{asset} is there already" if having else "no feed that is on lists symbols", REMEDY)
    return {label: {SYMBOLS: [*_listed(feeds[label], SYMBOLS), asset]} for label in lacking}, (
        f"{asset} added to {', '.join(lacking)}"
    )


def edits_to_remove(feeds: Feeds, name: str) -> tuple[Edits, str]:
    """What takes an asset or a venue away. Raises DeskError where it isn't there, or nothing would be left."""
    assets, labels = choices(feeds)
    edits: Edits = {}
    if name in labels:
        edits[name] = {"enabled": False}
    elif name in assets:
        for label in labels:
            lists = {key: _listed(feeds[label], key) for key in LISTS if key in feeds[label]}
            kept = {key: [each for each in listed if base(each) != name] for key, listed in lists.items()}
            if kept != lists:
                edits[label] = kept if all(kept.values()) else {"enabled": False}
    else:
        raise DeskError(f"there is no {name}", "- lists what there is")
    if all(not edits.get(label, {}).get("enabled", True) for label in labels):
        raise DeskError(f"without {name} the desk would have no feed", "add another one first")
    return edits, f"feed {name} is off" if name in labels else f"{name} taken away"


def _short(asset: str) -> Any:
    """What symbols are compared by with `asset`: their asset, or where that is a whole symbol, all of them."""
    return (lambda symbol: symbol) if "/" in asset else base


def _listed(feed: Mapping[str, Any], key: str) -> list[str]:
    listed = feed.get(key)
    return [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []


def _plays(feed: Mapping[str, Any]) -> bool:
    try:
        return issubclass(plugins.load_feed(str(feed.get("type"))), TimelineFeed)
    except DeskError:
        return False


def _venues(kind: str) -> Sequence[str]:
    """Venues of a feed plug-in whose feeds list symbols; none of one that can't be loaded."""
    try:
        feed = plugins.load_feed(kind)
    except DeskError:
        return ()
    return feed.venues() if SYMBOLS in feed.Options.__struct_fields__ else ()


def _new_feed(feeds: Feeds, venue: str, kind: str) -> tuple[Edits, str]:
    """A feed of a venue's derivatives for all assets that feeds list so far. Raises DeskError where one has them."""
    feed = plugins.load_feed(kind)
    named = next(field.encode_name for field in msgspec.structs.fields(feed.Options) if field.required)
    id, labels = feed.derivatives_of(venue), choices(feeds)[1]
    having = next(
        (label for label in labels if (feeds[label].get("type"), feeds[label].get(named)) == (kind, id)), None
    )
    if having is not None:
        raise DeskError(f"{id} is there already, as {having}", "- takes it away")
    live = [feeds[label] for label in labels]
    assets = list(dict.fromkeys(base(symbol) for feed in live for symbol in _listed(feed, SYMBOLS))) or ["BTC"]
    taken = "" if id == venue else f' as {id}, its perpetuals and futures ({named} = "{venue}" is its spot)'
    return {venue: {"type": kind, named: id, SYMBOLS: assets}}, f"{venue} added{taken} with {', '.join(assets)}"


def _with_default_feeds(text: str, ending: str) -> str:
    """`text` with the feeds of the packaged default behind it."""
    blocks = [block for block in cut(PACKAGED.read_text()) if block.path[:1] == ("feeds",)]
    lines = [_NOTE, "", *"\n".join(block.header + block.keys for block in blocks).split("\n")]
    kept = text.rstrip("\r\n")
    return (f"{kept}{ending}{ending}" if kept else "") + ending.join(lines)


def _with_edits(text: str, feeds: Feeds, edits: Edits, ending: str) -> str:
    blocks = cut(text)
    for label, values in edits.items():
        block = next((each for each in blocks if each.path == ("feeds", label) and not each.array), None)
        if block is not None:
            _set(block, values)
        elif label in feeds:
            raise DeskError(f"feed {label} is written on one line", f"write it as [{dotted(('feeds', label))}]")
        else:
            last = max((n for n, each in enumerate(blocks) if each.path[:1] == ("feeds",)), default=len(blocks) - 1)
            written = tomlkit.dumps(values).replace("\n", ending)
            blocks[last].keys += f"{ending}[{dotted(('feeds', label))}]{ending}{written}"
    return "".join(block.text for block in blocks)


def _set(block: Block, values: Mapping[str, Any]) -> None:
    """Give a feed's options these values; of a list, what is new is added and what is gone taken out."""
    document = tomlkit.parse(block.keys)
    held: Any = document
    for key, value in values.items():
        if not isinstance(value, list) or not isinstance(held.get(key), list):
            held[key] = value
            continue
        for each in [each for each in held[key] if each not in value]:
            held[key].remove(each)
        for each in value[len(held[key]) :]:
            held[key].append(each)
    block.keys = tomlkit.dumps(document)
    if "\r\n" in block.header:
        block.keys = re.sub(r"(?<!\r)\n", "\r\n", block.keys)
