"""A hub that can't begin, or that fails, says why: on stderr, in its log, and by the status of its kind."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import Run
from tests.ports import reserve_port

DESK = "[history]\nenabled = false\n[journal]\nenabled = false\n[feeds]\n"


@pytest.fixture(autouse=True)
def desk(elsewhere: Path) -> None:
    Path("deskmon.toml").write_text(DESK)
    Path("deskmon.toml").chmod(0o600)
    Path("a-file").write_text("")
    Path("a-folder").mkdir()


@pytest.fixture
def taken() -> object:
    """A port that somebody listens at."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


@pytest.fixture
def answered() -> object:
    """A socket that a hub, as far as anybody can tell, listens on."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("another.sock")
        listening.listen()
        yield


def told(run: Run, *argv: str) -> tuple[int, str]:
    """Status and the one line on stderr of a command, which its log must end with."""
    result = run(*argv, "--log", "hub.log")
    lines = result.err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("deskmon: "), result.err
    last = Path("hub.log").read_text().splitlines()[-1]
    assert last.endswith(f"ERROR deskmon: {lines[0].removeprefix('deskmon: ')}")
    return result.status, lines[0]


@pytest.mark.parametrize(
    ("argv", "status", "why"),
    [
        (("--listen", "unix:no/such/folder/desk.sock"), 1, "No such file or directory"),
        (("--listen", "unix:a-folder"), 1, "is there and no socket"),
        (("--listen", "unix:a-file"), 1, "is there and no socket"),
        (("--listen", "unix:a-file/desk.sock"), 1, "Not a directory"),
        (("--listen", f"unix:{'x' * 200}"), 1, "too long"),
        (("--listen", "unix:~nobody-of-this-name/desk.sock"), 2, "no such home folder"),
        (("--listen", "tcp://127.0.0.1:1"), 2, "no address of a hub"),
        (("--listen", "unix:desk.sock", "--metrics", "nonsense"), 2, "no address"),
        (("--listen", "unix:desk.sock", "--metrics", f"{'x' * 64}:9400"), 1, "can't listen"),
        (("--listen", "unix:desk.sock", "--metrics", "192.0.2.1:9400"), 1, "can't listen"),
        (("--listen", "unix:desk.sock", "--http", "nonsense"), 2, "no address"),
        (("--listen", "unix:desk.sock", "--http", f"{'x' * 64}:9400"), 2, "token"),
        (("--listen", "unix:desk.sock", "--mqtt", "mqtt://"), 2, "no address of a desk on a broker"),
        (("--listen", "unix:desk.sock", "--config", "none.toml"), 2, "none.toml"),
        (("--listen", "unix:desk.sock", "--set", "wrong=1"), 2, "wrong"),
        ((), 2, "serve no screen"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else None,
)
def test_a_hub_that_cant_begin_says_why_on_stderr_and_in_its_log(run: Run, argv, status: int, why: str) -> None:
    found, line = told(run, "hub", *argv)
    assert found == status and why in line
    assert not Path("desk.sock").exists()


def test_a_taken_port_and_a_taken_socket_are_named(run: Run, taken: int, answered: object) -> None:
    argv = ("--listen", "unix:desk.sock", "--metrics", f"127.0.0.1:{taken}")
    assert told(run, "hub", *argv) == (
        1, f"deskmon: http://127.0.0.1:{taken}/metrics: can't listen: Address already in use; choose another --metrics"
    )  # fmt: skip
    status, line = told(run, "hub", "--listen", "unix:another.sock")
    assert status == 1 and "a hub listens on unix:another.sock already" in line
    assert not Path("desk.sock").exists() and Path("another.sock").exists()


@pytest.mark.parametrize(
    ("argv", "status", "why"),
    [(("no/such/folder/x.jsonl",), 1, "no/such/folder/x.jsonl"), (("x.jsonl", "--for", "soon"), 2, "soon")],
)
def test_a_recording_that_cant_begin_does_so_too(run: Run, argv, status: int, why: str) -> None:
    found, line = told(run, "record", *argv)
    assert found == status and why in line


def test_each_problem_of_a_configuration_is_in_the_log(run: Run) -> None:
    Path("deskmon.toml").write_text("[desk]\nwrong = 1\nworse = 2\n")
    result = run("hub", "--listen", "unix:desk.sock", "--log", "hub.log")
    said = [line.removeprefix("deskmon: ") for line in result.err.splitlines()]
    logged = [line.partition("ERROR deskmon: ")[2] for line in Path("hub.log").read_text().splitlines()]
    assert result.status == 2 and len(said) >= 2 and logged == said


def test_a_fault_of_deskmons_own_is_in_the_log_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr("deskmon.hub.server.serve", fails)
    with pytest.raises(ZeroDivisionError) as caught:
        run("hub", "--listen", "unix:desk.sock", "--log", "hub.log")
    sys.excepthook(caught.type, caught.value, caught.tb)
    assert "internal fault: ZeroDivisionError: a fault" in Path("hub.log").read_text()


@pytest.mark.parametrize("log", [True, False])
def test_a_hub_that_gives_up_says_why_on_stderr_whether_or_not_it_has_a_log(log: bool) -> None:
    ends = "from deskmon.hub.ending import give_up; give_up('did not end: feed x')"
    handler = "logging.FileHandler('hub.log')" if log else "logging.StreamHandler()"
    program = f"import logging; logging.basicConfig(handlers=[{handler}]); {ends}"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 1
    assert [line.endswith("did not end: feed x") for line in ended.stderr.splitlines()] == [True]
    assert ("did not end: feed x" in Path("hub.log").read_text()) if log else not Path("hub.log").exists()


def test_without_a_log_nothing_is_said_twice(run: Run) -> None:
    port = reserve_port()
    result = run("hub", "--listen", "unix:no/such/folder/desk.sock", "--metrics", f"127.0.0.1:{port}")
    assert result.status == 1 and len(result.err.splitlines()) == 1
    assert not any(isinstance(handler, logging.FileHandler) for handler in logging.getLogger().handlers)
