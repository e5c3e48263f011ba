"""What pyproject.toml and the docs say about the tree is true of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import tomli

from deskmon import plugins
from deskmon.cli.parser import COMMANDS, parse

ROOT = Path(__file__).parents[2]
PROJECT = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_package_of_the_tree_is_shipped_once() -> None:
    roots = {"deskmon": "deskmon", "widgets": "deskmon.widgets", "feeds": "deskmon.feeds", "themes": "deskmon.themes"}
    found = []
    for folder, package in roots.items():
        for file in sorted((ROOT / folder).rglob("__init__.py")):
            inner = file.parent.relative_to(ROOT / folder).parts
            if not (folder == "deskmon" and inner and inner[0] in roots):
                found.append(".".join((package, *inner)))
    assert sorted(PROJECT["tool"]["setuptools"]["packages"]) == sorted(found)


def test_entry_points_file_names_and_names_agree() -> None:
    points = PROJECT["project"]["entry-points"]
    for name, value in points["deskmon.panels"].items():
        assert value.partition(":")[0] == f"deskmon.widgets.{name}"
        assert plugins.load_panel(name).name == name
    for name, value in points["deskmon.feeds"].items():
        assert value.partition(":")[0] == f"deskmon.feeds.{name}"
        assert plugins.load_feed(name).name == name
    for name in points["deskmon.themes"]:
        assert plugins.theme_path(name).samefile(ROOT / "themes" / f"{name}.toml")


def test_constraints_pin_every_dependency_and_name_no_address() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|@|^-", text, re.MULTILINE)
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in text.splitlines() if line}
    extras = PROJECT["project"]["optional-dependencies"]
    wanted = PROJECT["project"]["dependencies"] + extras["test"] + extras["docs"]
    names = {re.split(r"[^A-Za-z0-9_.-]", need)[0].lower() for need in wanted}
    assert names <= pinned


def test_the_page_of_commands_has_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`deskmon ([a-z]+)", text))
    with pytest.raises(SystemExit):
        parse(["--help"])
    known = set(re.findall(r"^  ([a-z]+) +[a-z]", capsys.readouterr().out, re.MULTILINE))
    assert named == known == COMMANDS.keys()


def test_a_source_distribution_has_all_that_a_clone_has(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    own = shutil.ignore_patterns(
        ".git", ".venv", ".*_cache", ".hypothesis", "build", "dist", "*.egg-info", "__pycache__"
    )
    shutil.copytree(ROOT, tree, symlinks=True, ignore=own)
    code = f"from setuptools import build_meta; build_meta.build_sdist({str(tmp_path)!r})"
    built = subprocess.run([sys.executable, "-c", code], cwd=tree, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames() if archive.getmember(name).isfile()}
    files = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file() and "egg-info" not in str(path)}
    assert files - packed <= {".gitignore"}
