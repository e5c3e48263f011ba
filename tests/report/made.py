"""The reports of the built-in weeks, each made once per process by `deskmon report`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from deskmon.cli.parser import parse


@cache
def markdown_of(name: str) -> str:
    """The whole of the week `name`, as Markdown."""
    with TemporaryDirectory() as folder:
        out = Path(folder) / "report.md"
        args = parse(["report", "--demo", name, "--out", str(out)])
        assert args.run(args) == 0
        return out.read_text(encoding="utf-8")
