"""The documents as a site: `make docs` writes build/site/index.html.

The pages are copied to build/docs, where every link between them stays as it is. A picture of every panel in the
simulated market, the page that shows them, and the reference of `deskmon.components` are made anew each time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deskmon.plugins import load_panel, panel_names

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build"
STAGE = BUILD / "docs"
OUTSIDE = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE", "deskmon.toml")
"""What pages link to and stands outside of docs/."""
GALLERY = Path("docs/pictures.md")
COMPONENTS = Path("docs/reference-components.md")
MADE = (GALLERY, COMPONENTS)
"""Pages that exist on the site alone."""
MARKET = ("--demo", "--at", "+2m50s")
"""The moment of the pictures: the cascade of the simulated market."""
SIZE = "110x26"


def pages() -> list[Path]:
    """The pages that the site is made from, relative to ROOT."""
    outside = [Path(name) for name in OUTSIDE if name.endswith(".md")]
    return outside + sorted(path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*.md"))


def picture(panel: str) -> Path:
    """Where the picture of a panel stands, relative to the root of the site."""
    return GALLERY.parent / "pictures" / f"{panel}.svg"


def gallery() -> str:
    """The page with every panel: its title, its picture, and what its figures mean."""
    command = f"deskmon snapshot {' '.join(MARKET)} --panel NAME --size {SIZE} --format svg"
    parts = [f"# Pictures of the panels\n\nEach is the output of `{command}`: a simulated market, in a cascade.\n"]
    for name in panel_names():
        panel = load_panel(name)
        defined = "".join(f"- **{figure}**: {meaning}\n" for figure, meaning in panel.definitions)
        image = picture(name).relative_to(GALLERY.parent)
        parts.append(f"## {name}\n\n{panel.title}\n\n![{name}]({image})\n\n{defined}")
    return "\n".join(parts)


def components() -> str:
    """The page with what the public modules of `deskmon.components` offer, from their docstrings."""
    files = sorted((ROOT / "deskmon" / "components").glob("*.py"))
    public = [path.stem for path in files if "__all__ = " in path.read_text(encoding="utf-8")]
    head = "# Reference: components\n\nFor authors of panels: what several panels show of one subject."
    return "\n\n".join([head, *(f"::: deskmon.components.{name}" for name in public)]) + "\n"


def draw(panel: str) -> None:
    """Write the picture of one panel. Raises CalledProcessError where `deskmon snapshot` fails."""
    options = ["--panel", panel, "--size", SIZE, "--format", "svg", "--config", "deskmon.toml"]
    command = [sys.executable, "-m", "deskmon", "snapshot", *MARKET, *options]
    with (STAGE / picture(panel)).open("wb") as file:
        subprocess.run(command, stdout=file, check=True, cwd=STAGE)


def assemble() -> None:
    """Fill build/docs, and put the configuration beside it."""
    shutil.rmtree(STAGE, ignore_errors=True)
    BUILD.mkdir(exist_ok=True)
    shutil.copy(ROOT / "zensical.toml", BUILD)
    shutil.copytree(ROOT / "docs", STAGE / "docs")
    for name in OUTSIDE:
        shutil.copy(ROOT / name, STAGE)
    (STAGE / GALLERY).write_text(gallery(), encoding="utf-8")
    (STAGE / COMPONENTS).write_text(components(), encoding="utf-8")
    (STAGE / picture("any")).parent.mkdir()
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        list(workers.map(draw, panel_names()))


def main() -> int:
    """Assemble and build; the status of `zensical build`."""
    assemble()
    return subprocess.run([sys.executable, "-m", "zensical", "build", "--strict"], cwd=BUILD).returncode


if __name__ == "__main__":
    raise SystemExit(main())
