"""deskmon as a wheel, in environments of their own that see what this suite runs with: no package index is asked."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[1]


def checkout(copy: Path) -> Path:
    """A copy of what a wheel is built from, so that nothing is left in the checkout."""
    copy.mkdir()
    for name in ("deskmon", "widgets", "feeds", "themes"):
        shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    return copy


def build(copy: Path, folder: Path) -> Path:
    """The wheel of a copy, in a folder."""
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(copy))
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def link_packages(links: Path) -> Path:
    """A folder of all packages that this suite runs with, but for deskmon."""
    links.mkdir()
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if "deskmon" not in package.name and package.suffix != ".pth":
            (links / package.name).symlink_to(package)
    return links


def make_environment(folder: Path, links: Path) -> None:
    """An environment that sees the linked packages, by a path file."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "suite.pth").write_text(f"{links}\n")
