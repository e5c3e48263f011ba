"""Brings what a trader hands on to people: the clipboard of the terminal, files in the user's state folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from deskmon.colours.theme import Theme
from deskmon.components.panel import Notify
from deskmon.config.schema import Config
from deskmon.desk.canvas import Canvas
from deskmon.errors import DeskError
from deskmon.terminal.clipboard import MOST_BYTES, clipboard, fitting, hands_on


class ScreenSharer:
    """A screen's own.

    write: takes one control sequence for the terminal. theme: the colours of pictures. say: shows a line. start: runs
    what takes a while. folder: where files go; that in the user's state folder where absent.
    """

    def __init__(
        self, environment: Mapping[str, str], write: Callable[[str], object], theme: Callable[[], Theme],
        say: Callable[[Notify], object], start: Callable[[Coroutine[Any, Any, None]], object],
        folder: Path | None = None,
    ) -> None:  # fmt: skip
        self._environment, self._write, self._theme = dict(environment), write, theme
        self._say, self._start, self._folder = say, start, folder

    def copy(self, text: str, what: str) -> Notify:
        """Put a text on the clipboard: as many of its lines as a terminal takes."""
        if not hands_on(self._environment):
            return Notify("nothing copied: GNU screen hands no clipboard on", "warn")
        copied = fitting(text)
        for sequence in clipboard(copied, self._environment):
            self._write(sequence)
        size = f"{len(copied.encode()):,} bytes to this terminal's clipboard"
        if copied == text:
            return Notify(f"copied {what}: {size}", "ok")
        lines = f"the first {copied.count(chr(10)):,} of {text.count(chr(10)):,} lines"
        return Notify(f"copied {lines} of {what}: {size}, no terminal takes more than {MOST_BYTES:,}", "warn")

    def keep(self, canvas: Canvas, name: str) -> None:
        """Write a picture and a text of the canvas as it is now."""
        from deskmon.desk.snapshot import paint

        files = {f"{name}.svg": paint(canvas, self._theme(), "svg"), f"{name}.txt": canvas.text() + "\n"}
        self._start(self._keep(files, name))

    def report(self, config: Config, journal: str | None, now: int, name: str) -> None:
        """Have a process make the report, and write it."""
        path = (self._folder or _state_folder()) / f"{name}.html"
        self._start(self._report(config, journal, now, path))

    async def _report(self, config: Config, journal: str | None, now: int, path: Path) -> None:
        from deskmon.journal import not_readable_here
        from deskmon.report.asking import report_written  # few traders ask for one

        try:
            if journal is not None and (fault := not_readable_here(Path(journal))) is not None:
                raise fault
            await report_written(config, journal, now, path)
        except DeskError as fault:
            self._say(Notify(f"no report was written: {fault}", "error"))
        else:
            self._say(Notify(f"wrote {_briefly(path)}", "ok"))

    async def _keep(self, files: Mapping[str, str], name: str) -> None:
        try:
            place = await asyncio.to_thread(_written, self._folder or _state_folder(), files)
        except OSError as fault:
            self._say(Notify(f"no picture was written: {fault.strerror or fault}", "error"))
        else:
            self._say(Notify(f"wrote {_briefly(place / name)}.svg and .txt", "ok"))


def _state_folder() -> Path:
    import platformdirs

    return platformdirs.user_state_path("deskmon") / "shared"


def _briefly(path: Path) -> str:
    """With `~` for the user's home: a header has no room for more, and the name stands at the end."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _written(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files for this user alone. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(content, encoding="utf-8")
    return folder
