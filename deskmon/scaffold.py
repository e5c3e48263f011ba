"""`deskmon new`: a working panel or feed, its test and its entry point, to begin with."""

from __future__ import annotations

import sys
from importlib.resources import files
from importlib.util import find_spec
from keyword import iskeyword
from pathlib import Path
from string import Template
from typing import Literal

from deskmon.errors import UsageError

Kind = Literal["panel", "feed"]


def write(kind: Kind, name: str, folder: Path) -> list[Path]:
    """Write NAME.py and test_NAME.py into `folder`, which is made where it doesn't exist; returns their paths.
    Raises UsageError for a name that can't be a module's or is that of another module, and where a file would be
    overwritten."""
    fits = name.isidentifier() and name.isascii() and name == name.lower() and not name.startswith("_")
    if not fits or iskeyword(name):
        raise UsageError(
            f"{name!r} can't be a {kind}'s name", "use lower-case letters, digits and _, and no word of Python's"
        )
    paths = {f"{kind}.py.tmpl": folder / f"{name}.py", f"{kind}_test.py.tmpl": folder / f"test_{name}.py"}
    for path in paths.values():
        if path.exists():
            raise UsageError(f"{path} exists", "choose another name or move it away")
    if name in sys.stdlib_module_names or name in sys.builtin_module_names or find_spec(name) is not None:
        raise UsageError(f"{name!r} is the name of a module already, which {name}.py would hide", "choose another name")
    folder.mkdir(parents=True, exist_ok=True)
    words = {"name": name, "class_name": class_name(name), "title": name.replace("_", " ").capitalize(), "module": name}
    for template, path in paths.items():
        text = files("deskmon").joinpath("templates", template).read_text(encoding="utf-8")
        path.write_text(Template(text).substitute(words), encoding="utf-8")
    return list(paths.values())


def class_name(name: str) -> str:
    """The class that a module of this name holds: my_panel → MyPanel."""
    return "".join(word.capitalize() for word in name.split("_"))


def entry_point_line(kind: Kind, name: str) -> str:
    """The lines of a pyproject.toml that make the desk find it."""
    return f'[project.entry-points."deskmon.{kind}s"]\n{name} = "{name}:{class_name(name)}"'
