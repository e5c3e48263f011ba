"""A hub as a service: it tells its manager that it is ready and alive, its log how it began and ended, and it ends."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from deskmon.hub import service_manager
from deskmon.hub.service_manager import ServiceManager
from tests.hub.waiting import LIMIT_S, until

CHILD = Path(__file__).parent / "holding_child.py"


class Manager:
    """What a service manager hears on a real socket."""

    def __init__(self, path: str) -> None:
        self.heard: list[str] = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.bind(path)

    def has(self, line: str) -> bool:
        try:
            while True:
                self.heard += self.socket.recv(4_096).decode().split("\n")
        except BlockingIOError:
            return line in self.heard


@pytest.fixture
def manager(tmp_path):
    made = Manager(str(tmp_path / "notify"))
    yield made
    made.socket.close()


async def test_a_service_manager_hears_ready_alive_and_the_end_and_a_feed_that_holds_the_loop_cannot_stop_the_end(
    tmp_path, manager
):
    hold, log = tmp_path / "hold", tmp_path / "hub.log"
    hub = await asyncio.create_subprocess_exec(
        sys.executable, CHILD, hold, tmp_path / "desk.sock", log,
        env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "100000"},
    )  # fmt: skip
    try:
        await until(lambda: manager.has("READY=1"))
        await until(lambda: manager.has("STATUS=1 of 1 feeds live, 0 screens"))
        assert manager.has("WATCHDOG=1")
        hold.touch()
        await until(lambda: hold.with_suffix(".held").exists())
        hub.send_signal(signal.SIGTERM)
        async with asyncio.timeout(LIMIT_S):
            assert await hub.wait() == 1
    finally:
        if hub.returncode is None:
            hub.kill()
            await hub.wait()
    start, *_, end = log.read_text().splitlines()
    assert f"starts as process {hub.pid}: configuration mine.toml; feeds holding (holding); listens at unix:" in start
    assert "did not end in 0.3 s: feed holding holds the hub's loop" in end


async def test_a_manager_waits_for_a_start_that_takes_long_and_is_told_when_the_hub_stops(tmp_path, manager):
    begun, environ = asyncio.Event(), {"NOTIFY_SOCKET": str(tmp_path / "notify"), "HOME": "/"}
    told = ServiceManager(environ)
    assert environ == {"HOME": "/"}, "no feed's process speaks for the hub"
    async with told.told(begun, lambda: "fine"):
        await until(lambda: manager.has("EXTEND_TIMEOUT_USEC=60000000"))
        assert not manager.has("READY=1")
        begun.set()
        await until(lambda: manager.has("STATUS=fine"))
    assert manager.has("STOPPING=1")


async def test_an_abstract_socket_is_reached_too():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        name = f"deskmon-test-{os.getpid()}"
        listening.bind("\0" + name)
        ServiceManager({"NOTIFY_SOCKET": f"@{name}"}).tell("READY=1")
        assert listening.recv(100) == b"READY=1"


async def test_a_manager_that_is_gone_costs_one_line_of_the_log(tmp_path, caplog):
    manager = ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    for _ in range(3):
        manager.tell("WATCHDOG=1")
    assert len(caplog.records) == 1 and "$NOTIFY_SOCKET can't be told" in caplog.text


@pytest.mark.parametrize(
    ("environ", "every_s"),
    [
        ({}, service_manager.EVERY_S),
        ({"WATCHDOG_USEC": "2000000"}, 1.0),
        ({"WATCHDOG_USEC": "60000000"}, service_manager.EVERY_S),
        ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"}, service_manager.EVERY_S),
        ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": str(os.getpid())}, 1.0),
        ({"WATCHDOG_USEC": "0"}, service_manager.EVERY_S),
        ({"WATCHDOG_USEC": "soon"}, service_manager.EVERY_S),
    ],
)
def test_the_watchdog_is_answered_twice_within_its_patience(environ, every_s):
    assert ServiceManager(environ).every_s == every_s
