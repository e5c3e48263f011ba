"""Where the configuration comes from: the file that is found, a shared file and the packaged default below it, `--set`
above it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path as FilePath
from typing import Any

import msgspec

from deskmon.config.findings import Path, Problem, dotted, shown
from deskmon.config.lines import line_of, parts, scan
from deskmon.config.overlay import KEY, refusals
from deskmon.config.reading import read_bytes
from deskmon.config.toml import NotToml, parse
from deskmon.errors import UsageError

VARIABLE = "DESKMON_CONFIG"
FILE_NAME = "deskmon.toml"
PACKAGED = FilePath(__file__).parent.parent / "default.toml"
DEFAULT = "default"


class Found(msgspec.Struct, frozen=True):
    """The file in use and what led to it."""

    path: FilePath
    how: str


class Tree(msgspec.Struct):
    """Plain data merged from all sources, and for every value where it came from."""

    data: dict[str, Any] = msgspec.field(default_factory=dict)
    origins: dict[Path, str] = msgspec.field(default_factory=dict)
    lines: dict[str, dict[Path, int]] = msgspec.field(default_factory=dict)
    problems: list[Problem] = msgspec.field(default_factory=list)
    files: list[FilePath] = msgspec.field(default_factory=list)
    """The files that were read, or would have been; the packaged default isn't among them."""

    def origin(self, path: Path) -> str:
        """The source of the value at `path`, or of the nearest table above it; the packaged default for the rest."""
        while path:
            if path in self.origins:
                return self.origins[path]
            path = path[:-1]
        return DEFAULT

    def file(self, path: Path) -> FilePath | None:
        """The user's file that the value at `path` came from; None where it came from the command line."""
        origin = self.origin(path)
        return FilePath(origin) if origin in self.lines else None

    def line(self, path: Path) -> int | None:
        """The line of the value at `path` in the file it came from, where the scan of that file found one."""
        return line_of(path, self.lines.get(self.origin(path), {}))

    def where(self, path: Path) -> str:
        """`file:line` for messages, or the name of another source."""
        origin, line = self.origin(path), self.line(path)
        return f"{origin}:{line}" if line else origin


def user_file() -> FilePath:
    """The place for a user's own deskmon.toml, found from every folder; it need not exist."""
    import platformdirs

    return platformdirs.user_config_path("deskmon") / FILE_NAME


def is_packaged(path: FilePath) -> bool:
    """Whether this is the packaged default, which nothing is written into: in a checkout by another name."""
    try:
        return path.samefile(PACKAGED)
    except OSError:
        return False


def given(path: str | os.PathLike[str], how: str) -> FilePath:
    """The file that somebody names, `how` says where. Raises UsageError where it can't be one."""
    if not os.fspath(path):
        raise UsageError(f"{how} names no file", "give it a path, or leave it out")
    try:
        return FilePath(path).expanduser()
    except RuntimeError as fault:
        raise UsageError(f"{how} {path}: there is no such user here", "write the path out") from fault


def candidates(environ: Mapping[str, str] = os.environ, cwd: FilePath | None = None) -> list[Found]:
    """The places looked at without `--config`, in order; the last, the packaged default, always exists."""
    places = []
    if environ.get(VARIABLE):
        places.append(Found(given(environ[VARIABLE], f"${VARIABLE}"), f"${VARIABLE}"))
    here = (cwd or FilePath()) / FILE_NAME
    if not is_packaged(here):
        places.append(Found(here, "the current folder"))
    places.append(Found(user_file(), "the user's config folder"))
    places.append(Found(PACKAGED, "the packaged default"))
    return places


def find(
    path: str | os.PathLike[str] | None = None,
    environ: Mapping[str, str] = os.environ,
    cwd: FilePath | None = None,
) -> Found:
    """The file to read. One that was asked for by `path` or by $DESKMON_CONFIG is taken whether it exists or not.
    Raises UsageError where that can be no file."""
    if path is not None:
        return Found(given(path, "--config"), "--config")
    places = candidates(environ, cwd)
    if places[0].how.startswith("$"):
        return places[0]
    return next(place for place in places if place is places[-1] or place.path.is_file())


def gather(found: Found) -> Tree:
    """The packaged default, over it the shared file that the file found extends, over that the file itself.

    A file that can't be read or parsed becomes a problem, and what lies below stands in for it.
    """
    tree = Tree(data=_read(PACKAGED)[0])
    layers: list[tuple[str, dict[str, Any]]] = []
    if found.path != PACKAGED:
        own = _take(tree, found.path)
        if isinstance(own.get(KEY), str):
            layers.append(_extended(tree, own, found.path))
        layers.append((str(found.path), own))
    for name, data in layers:
        tree.origins.update(dict.fromkeys([(key,) for key in data if key not in tree.data], name))
        tree.data = merge(tree.data, data)
    _note(tree.data, (), DEFAULT, tree.origins)
    for name, data in layers:
        _note(merge({}, data), (), name, tree.origins)
    return tree


def _take(tree: Tree, path: FilePath) -> dict[str, Any]:
    """The data of a file; what is wrong with it and its lines are noted."""
    tree.files.append(path)
    data, text, problem = _read(path)
    tree.problems.extend([problem] if problem else [])
    tree.lines[str(path)] = {_flat(place): line for place, line in scan(text).items()}
    return data


def _extended(tree: Tree, own: dict[str, Any], path: FilePath) -> tuple[str, dict[str, Any]]:
    """Name and data of the shared file that `own`, read from `path`, extends; what it holds fast leaves `own`."""
    try:
        shared_path = path.parent / given(own[KEY], KEY)
    except UsageError as fault:
        tree.problems.append(Problem("error", str(path), KEY, fault.message))
        return str(path), {}
    name, shared = str(shared_path), _take(tree, shared_path)
    if shared.pop(KEY, None) is not None:
        tree.problems.append(Problem("error", name, KEY, "a file that is extended extends no other"))
    for place, why in refusals(shared, own, name):
        line = line_of(place, tree.lines[str(path)])
        where = f"{path}:{line}" if line else str(path)
        tree.problems.append(Problem("warning", where, dotted(place), why))
        del own[place[0]][place[1]]
    return name, shared


def override(tree: Tree, source: str, text: str) -> None:
    """Put `a.b=value` over what `tree` holds; the value is TOML, or plain text where it is none."""
    key, equals, value = text.partition("=")
    path = _flat(parts(key.strip()))
    if not path or not equals:
        tree.problems.append(Problem("error", source, "", f"expected key=value, got {shown(text)}"))
        return
    table = tree.data
    for depth, part in enumerate(path[:-1], 1):
        below = table.setdefault(str(part), {})
        if not isinstance(below, dict):
            message = f"{dotted(path[:depth])} is no table"
            tree.problems.append(Problem("error", source, dotted(path), message))
            return
        table = below
    table[str(path[-1])] = _value(value.strip())
    _claim(tree, path, source)


def replace(tree: Tree, name: str, data: Mapping[str, Any], source: str) -> None:
    """Put `data` in place of the whole table `name`."""
    tree.data[name] = {key: dict(value) for key, value in data.items()}
    _claim(tree, (name,), source)
    _note(tree.data[name], (name,), source, tree.origins)


def _claim(tree: Tree, path: Path, source: str) -> None:
    """Everything at `path` and below it comes from `source` now."""
    tree.origins = {other: origin for other, origin in tree.origins.items() if other[: len(path)] != path}
    tree.origins[path] = source


def merge(default: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The user's data over the default: tables key by key, layouts, rules and routes by name, and `[feeds]` whole
    if there is one."""
    merged = deepcopy(dict(default))
    for key, value in deepcopy(dict(own)).items():
        below = merged.get(key)
        if key == "alerts" and isinstance(below, dict) and isinstance(value, dict):
            merged[key] = {**below, **value, **_by_name(below, value, "rules"), **_by_name(below, value, "routes")}
        elif key != "feeds" and isinstance(below, dict) and isinstance(value, dict):
            merged[key] = {**below, **value}
        else:
            merged[key] = value
    if isinstance(merged.get("keys"), dict):
        merged["keys"] = dict(_joined(merged["keys"]))
    return merged


def _by_name(below: Mapping[str, Any], own: Mapping[str, Any], table: str) -> dict[str, Any]:
    """The tables of `own` over those of the same kind `below`, where both are tables: by name."""
    lower, upper = below.get(table), own.get(table, {})
    return {table: {**lower, **upper}} if isinstance(lower, dict) and isinstance(upper, dict) else {}


def _joined(keys: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Key ids have dots: `desk.quit = "x"` means the id, as `"desk.quit" = "x"` does."""
    for name, value in keys.items():
        if isinstance(value, dict) and value:
            yield from ((f"{name}.{inner}", item) for inner, item in _joined(value))
        else:
            yield name, value


def _flat(path: Path) -> Path:
    return ("keys", ".".join(map(str, path[1:]))) if path[:1] == ("keys",) and len(path) > 1 else path


def _read(path: FilePath) -> tuple[dict[str, Any], str, Problem | None]:
    try:
        text = read_bytes(path).decode("utf-8-sig").replace("\r\n", "\n")
        return parse(text), text, None
    except NotToml as fault:
        return {}, "", Problem("error", f"{path}{fault.place}", "", f"not valid TOML: {fault}")
    except UnicodeDecodeError as fault:
        return {}, "", Problem("error", str(path), "", f"not valid TOML: byte {fault.start} is not UTF-8")
    except OSError as fault:
        reason = (fault.strerror or str(fault)).lower()
        return (
            {},
            "",
            Problem("error", str(path), "", f"can't be read: {reason}; `deskmon config path` says where it looks"),
        )


def _note(value: Any, path: Path, origin: str, origins: dict[Path, str]) -> None:
    if isinstance(value, dict) and value:
        if len(path) > 1:
            origins[path] = origin
        for key, item in value.items():
            _note(item, (*path, key), origin, origins)
    elif path:
        origins[path] = origin


def _value(text: str) -> Any:
    """A TOML value, or the text as it stands where it is none."""
    try:
        table = parse(f"value = {text}")
    except NotToml:
        return text
    return table["value"] if len(table) == 1 else text
