"""`deskmon new`: a working panel or feed, its test, and the pyproject.toml that makes both installable."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.resources import files
from importlib.util import find_spec
from keyword import iskeyword
from pathlib import Path
from string import Template
from typing import Any, Literal

from deskmon.errors import UsageError

Kind = Literal["panel", "feed"]
PROJECT = "pyproject.toml"
BACKEND = "setuptools.build_meta"


def write(kind: Kind, name: str, folder: Path, *, package: bool = False) -> list[Path]:
    """Write NAME.py and test_NAME.py into `folder`, which is made where it doesn't exist; returns the paths written.

    package: write `folder`'s pyproject.toml too, or add the module and its entry point to the one that is there.
    Raises UsageError, and writes nothing, for a name that can't be a module's or is that of another module, where a
    file would be overwritten, and for a pyproject.toml that names no modules of setuptools.
    """
    _check_name(kind, name)
    words = {"name": name, "class_name": class_name(name), "title": name.replace("_", " ").capitalize()}
    words |= {"kind": kind, "project": name.replace("_", "-")}
    texts = {
        folder / f"{name}.py": _filled(f"{kind}.py.tmpl", words),
        folder / f"test_{name}.py": _filled(f"{kind}_test.py.tmpl", words),
    }
    for path in texts:
        if path.exists():
            raise UsageError(f"{path} exists", "choose another name or move it away")
    _check_module(name)
    if package:
        project = folder / PROJECT
        texts[project] = _extended(project, kind, name) if project.exists() else _filled(f"{PROJECT}.tmpl", words)
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    return list(texts)


def class_name(name: str) -> str:
    """The class that a module of this name holds: my_panel → MyPanel."""
    return "".join(word.capitalize() for word in name.split("_"))


def entry_point_line(kind: Kind, name: str) -> str:
    """The lines of a pyproject.toml that make the desk find it."""
    return f'[project.entry-points."deskmon.{kind}s"]\n{name} = "{name}:{class_name(name)}"'


def _check_name(kind: Kind, name: str) -> None:
    fits = name.isidentifier() and name.isascii() and name == name.lower() and not name.startswith("_")
    if not fits or iskeyword(name):
        raise UsageError(
            f"{name!r} can't be a {kind}'s name", "use lower-case letters, digits and _, and no word of Python's"
        )


def _check_module(name: str) -> None:
    if name in sys.stdlib_module_names or name in sys.builtin_module_names or find_spec(name) is not None:
        raise UsageError(f"{name!r} is the name of a module already, which {name}.py would hide", "choose another name")


def _filled(template: str, words: Mapping[str, str]) -> str:
    text = files("deskmon").joinpath("templates", template).read_text(encoding="utf-8")
    return Template(text).substitute(words)


def _extended(path: Path, kind: Kind, name: str) -> str:
    """The pyproject.toml at `path` with one module and its entry point more, and all else as it is."""
    import tomlkit
    from tomlkit.exceptions import ParseError

    lines = entry_point_line(kind, name).replace("\n", " ")
    try:
        project: Any = tomlkit.parse(path.read_text(encoding="utf-8"))
        backend = project.get("build-system", {}).get("build-backend")
        modules = project.get("tool", {}).get("setuptools", {}).get("py-modules")
    except (ParseError, UnicodeDecodeError, AttributeError) as fault:
        raise UsageError(f"{path} can't be read: {fault}", "mend it") from fault
    if backend != BACKEND or not isinstance(modules, list) or "project" not in project:
        what = f"{path} has no py-modules of setuptools to add {name!r} to"
        raise UsageError(what, f"leave --package out, and add {lines} to it")
    modules.append(name)
    points = project["project"].setdefault("entry-points", tomlkit.table(is_super_table=True))
    group = f"deskmon.{kind}s"
    is_new = group not in points
    points.setdefault(group, tomlkit.table())[name] = f"{name}:{class_name(name)}"
    if is_new:
        points[group].add(tomlkit.nl())
    return tomlkit.dumps(project)
