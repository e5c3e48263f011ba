"""A machine in a folder, on which the shell commands of the documents run: its paths and services stand for theirs.
`systemctl`, `sudo` and `chown` are stand-ins. `python3 -m venv` makes an environment that sees the packages of this
suite, and its pip installs a wheel into it, that of the version which the folder is named after."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.wheels import ROOT, link_packages

DOCS = Path(__file__).parents[2] / "docs"
PLACES = ("/opt", "/etc", "/var", "/run")
STANDS_FOR = {
    "sudo": 'shift 2; exec "$@"',
    "chown": "",
    "python3": f'cd "$ROOT"; exec {shlex.quote(sys.executable)} -m tests.operations.make_venv "$3" "$STUBS"',
    "systemctl": 'echo "$1" > "$ASKED"; while [ -e "$ASKED" ]; do sleep 0.02; done; exit "$(cat "$ASKED.status")"',
}
"""Commands by what runs in their place."""
LIMIT_S = 60.0


def blocks(page: str, heading: str, language: str = "sh") -> list[str]:
    """The fenced blocks of a language below a heading of a page."""
    text = (DOCS / page).read_text(encoding="utf-8")
    section = re.split(r"^## ", text, flags=re.MULTILINE)
    [found] = [part for part in section if part.startswith(heading + "\n")]
    return re.findall(rf"^```{language}\n(.*?)^```", found, re.MULTILINE | re.DOTALL)


def until(condition: Callable[[], object], what: str) -> None:
    """Wait until the condition is true. Raises TimeoutError after LIMIT_S."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.02)


class Machine:
    """Runs the unit of operations.md, and blocks of shell beside it."""

    def __init__(self, folder: Path, config: str, wheels: Mapping[str, Path]) -> None:
        """`wheels` by the name of the folder in /opt that they are installed into."""
        self.folder = folder
        self._stubs, self._asked = folder / "stubs", folder / "asked"
        self._hub: subprocess.Popen[bytes] | None = None
        self._stubs.mkdir()
        for name, words in STANDS_FOR.items():
            (self._stubs / name).write_text(f"#!/bin/sh\n{words}\n")
            (self._stubs / name).chmod(0o755)
        for place in ("etc/deskmon", "var/lib/deskmon", "run/deskmon", "opt"):
            (folder / place).mkdir(parents=True)
        link_packages(self._stubs / "packages")
        for name, wheel in wheels.items():
            (self._stubs / name).mkdir()
            shutil.copy(wheel, self._stubs / name)
        (folder / "etc/deskmon/deskmon.toml").write_text(config)
        [unit] = re.findall(r"^ExecStart=(.*)$", (DOCS / "operations.md").read_text(encoding="utf-8"), re.MULTILINE)
        self._exec = shlex.split(self.here(unit).replace("127.0.0.1:9400", "127.0.0.1:0"))

    def here(self, text: str) -> str:
        """The text with this machine's folder before each path."""
        return re.sub(rf"(?<![\w.])({'|'.join(PLACES)})/", rf"{self.folder}\1/", text)

    def run(self, block: str) -> str:
        """What a block of shell prints; the services that it asks for are done meanwhile."""
        shell = subprocess.Popen(
            ["sh", "-e", "-c", self.here(block)], cwd=self.folder, env=self._environ, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        until(lambda: self._answer() or shell.poll() is not None, block)
        assert shell.stdout is not None
        with shell.stdout:
            printed = shell.stdout.read()
        assert shell.returncode == 0, printed
        return printed

    def end(self) -> None:
        """End the hub, if it runs."""
        self._stop()

    @property
    def _environ(self) -> dict[str, str]:
        mine = {"HOME": str(self.folder / "var/lib/deskmon"), "STUBS": str(self._stubs), "ASKED": str(self._asked)}
        mine["ROOT"] = str(ROOT)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "PYTHON"))}
        return {**kept, **mine, "PATH": f"{self._stubs}:{os.environ['PATH']}"}

    def _answer(self) -> None:
        """Do what `systemctl` was asked, if it was."""
        if self._asked.exists() and (order := self._asked.read_text().strip()):
            (self.folder / "asked.status").write_text(str(self._serve(order)))
            self._asked.unlink()

    def _serve(self, order: str) -> int:
        if order in ("stop", "restart"):
            self._stop()
        if order in ("start", "restart"):
            self._start()
        if order == "reload":
            assert self._hub is not None
            self._hub.send_signal(signal.SIGHUP)
        return 0

    def _start(self) -> None:
        self._hub = subprocess.Popen(self._exec, cwd=self.folder, env=self._environ)
        until((self.folder / "run/deskmon/desk.sock").exists, "the unit's start")

    def _stop(self) -> None:
        if self._hub is not None:
            self._hub.terminate()
            assert self._hub.wait(LIMIT_S) == 0
            self._hub = None
