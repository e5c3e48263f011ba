"""Screens and hubs as processes: what dies is said in words, comes back, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import pytest

from deskmon.analytics.level_settings import Pinned
from deskmon.errors import DeskError
from deskmon.events import Pulse, Reset
from deskmon.model import Model
from deskmon.transport.link import ChildLink, LinkLost, UnixLink, unix_path
from deskmon.transport.requests import Snapshot
from deskmon.transport.wire import EventDecoder, FrameDecoder, pack_events
from tests.hub.market import T0, config
from tests.hub.waiting import LIMIT_S, until

CHILD = Path(__file__).with_name("child.py")


def command(*types, listen=None, **options):
    """The command line of a hub with the tests' feeds."""
    desk = msgspec.json.encode(config(*types, **options)).decode()
    return [sys.executable, str(CHILD), desk, *([] if listen is None else [f"unix:{listen}"])]


class Screen:
    """Folds a link's events as a screen does, and keeps what a test asks about."""

    def __init__(self, link):
        self.link = link
        self.model = Model()
        self.resets = 0
        self.states = []

    async def fold(self):
        async for batch in self.link.events():
            for event in batch:
                self.resets += type(event) is Reset
            self.model.apply(batch)

    def liquidations(self):
        pulse = self.model.pulse
        return 0 if pulse is None else self.model.state(pulse.ts).liquidations.windows["1h"].count

    def beats(self, count):
        return self.model.pulse is not None and self.model.pulse.seq >= count

    def is_live(self, feed):
        figure = self.model.feeds.figures(self.model.pulse.ts).get(feed)
        return figure is not None and figure.state == "live"


@asynccontextmanager
async def watching(link):
    screen = Screen(link)
    task = asyncio.create_task(screen.fold())
    try:
        yield screen
    finally:
        await link.close()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def process(argv, **streams):
    child = await asyncio.create_subprocess_exec(*argv, **streams)
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        while child.stdout is not None and await child.stdout.read(65_536):
            pass
        await child.wait()


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[-1].split()[0] != "Z" if os.path.isdir("/proc") else True


def quick(**more):
    """A link whose waits between attempts are short."""
    return {"rng": random.Random(1), "sleep": lambda seconds: asyncio.sleep(seconds / 10), **more}


async def test_a_private_hub_brings_its_market_and_goes_with_the_link():
    async with watching(ChildLink(command("steady", steady={"burst": 20_000}))) as screen:
        assert screen.link.state == "connecting"
        await until(lambda: screen.liquidations() == 20_000)
        assert (screen.link.state, screen.link.detail) == ("live", "")
        pid = screen.link.pid
        assert alive(pid)
    assert not alive(pid)


async def test_a_command_that_is_done_says_nothing():
    async with watching(ChildLink(command("steady"))) as screen:
        await until(lambda: screen.beats(1))
        screen.link.command("pin", Pinned(symbol="BTC", price=100_000.0, label=""))
        assert (await screen.link.ask(Snapshot(id=0))).ok, "answers come in order"
        assert not screen.link.said, "words on the screen stay until there are others"


async def test_a_killed_hub_is_lost_in_words_and_the_next_one_is_right_again():
    async with watching(ChildLink(command("steady", steady={"burst": 300}), **quick())) as screen:
        await until(lambda: screen.liquidations() == 300)
        assert (await screen.link.ask(Snapshot(id=0))).ok
        await until(lambda: screen.resets == 2 and screen.beats(1))
        screen.resets = 1
        first, seen = screen.link.pid, []
        os.kill(first, signal.SIGKILL)
        await until(lambda: screen.link.state == "lost")
        seen.append(screen.link.detail)
        assert screen.liquidations() == 300, "what is known stays on the screen"
        await until(lambda: screen.link.state == "live" and screen.resets == 2 and screen.liquidations() == 300)
        assert screen.link.pid not in (None, first)
        assert seen == ["hub killed by SIGKILL"]


async def test_a_stopped_hub_is_silent_and_replaced():
    async with watching(ChildLink(command("steady"), **quick())) as screen:
        await until(lambda: screen.beats(2))
        first = screen.link.pid
        os.kill(first, signal.SIGSTOP)
        await until(lambda: screen.link.state == "lost")
        assert screen.link.detail == "hub silent for 2 s"
        await until(lambda: screen.link.state == "live" and screen.resets == 2)
        assert not alive(first)


async def test_a_hub_that_falls_silent_is_quoted():
    line = "2026-02-06 12:00:00,123 WARNING deskmon.hub.loop_holds: feed acme holds the hub's loop, for 0.5 s by now"
    pulse = pack_events([Pulse(ts=T0, seq=1, mode="live")])
    code = f"import os, sys; os.write(2, {line.encode()!r}); os.write(1, {pulse!r}); sys.stdin.read()"
    async with watching(ChildLink([sys.executable, "-c", code], **quick())) as screen:
        await until(lambda: screen.link.state == "lost")
        words = "hub silent for 2 s; it said last: feed acme holds the hub's loop, for 0.5 s by now"
        assert screen.link.detail == words


async def test_a_hub_that_fails_at_once_is_quoted():
    argv = [sys.executable, "-c", "import sys; print('out of it', file=sys.stderr); sys.exit('no \\x1b[31mluck')"]
    async with watching(ChildLink(argv, **quick())) as screen:
        await until(lambda: screen.link.state == "lost")
        assert screen.link.detail == "hub failed: no  [31mluck"


async def test_a_command_that_does_not_exist_is_said():
    async with watching(ChildLink(["/nonexistent/deskmon"], **quick())) as screen:
        await until(lambda: screen.link.state == "lost")
        assert screen.link.detail == "can't start a hub (No such file or directory)"


async def test_something_that_is_no_hub_is_said():
    argv = [sys.executable, "-c", "print('hello, this is not a hub at all'); input()"]
    async with watching(ChildLink(argv, **quick())) as screen:
        await until(lambda: screen.link.state == "lost")
        assert "isn't deskmon's wire format" in screen.link.detail


async def test_a_child_outlives_no_screen_that_is_killed():
    holder = (
        "import asyncio, sys\n"
        "from deskmon.transport.link import ChildLink\n"
        "async def main():\n"
        "    link = ChildLink(sys.argv[1:])\n"
        "    async for batch in link.events():\n"
        "        print(link.pid, flush=True)\n"
        "asyncio.run(main())\n"
    )
    argv = [sys.executable, "-c", holder, *command("steady")]
    async with process(argv, stdout=asyncio.subprocess.PIPE) as screen:
        async with asyncio.timeout(LIMIT_S):
            pid = int(await screen.stdout.readline())
        assert alive(pid)
        screen.kill()
        await until(lambda: not alive(pid))


async def test_a_stray_print_never_reaches_the_pipe():
    async with watching(ChildLink(command("chatty"), **quick())) as screen:
        await until(lambda: screen.beats(4))
        assert (screen.resets, screen.link.decoder.skipped) == (1, 0)


async def test_a_reader_that_stalls_holds_nothing_up_and_is_right_afterwards(tmp_path):
    poured = tmp_path / "poured"
    argv = command("gusher", gusher={"done": str(poured)})
    async with process(argv, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1_024) as hub:
        frames, decoder, model = FrameDecoder(), EventDecoder(), Model()
        resets = 0
        while resets < 2 or model.pulse is None or not model.feeds.figures(T0).get("gusher"):
            async with asyncio.timeout(LIMIT_S):
                for payload in frames.feed(await some(hub)):
                    events = decoder.decode(payload)
                    model.apply(events)
                    resets += sum(type(event) is Reset for event in events)
            if model.pulse is not None and not poured.exists():
                await until(poured.exists)  # three times what the hub's queue holds, and nobody reads
        assert resets == 2
        assert model.state(model.pulse.ts).liquidations.windows["1h"].count == 20_000
        assert model.feeds.figures(T0)["gusher"].dropped == 0
        assert resident_mb(hub.pid) < 150


async def some(hub):
    """What the hub sends next."""
    data = await hub.stdout.read(65_536)
    assert data, "the hub ended"
    return data


def resident_mb(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


async def test_end_of_input_ends_a_private_hub():
    pipe = asyncio.subprocess.PIPE
    async with process(command("steady"), stdin=pipe, stdout=pipe) as hub:
        assert await hub.stdout.read(4)
        hub.stdin.close()
        async with asyncio.timeout(LIMIT_S):
            assert await hub.wait() == 0


async def test_garbage_on_the_private_pipe_changes_nothing_and_its_end_still_counts():
    pipe = asyncio.subprocess.PIPE
    async with process(command("steady"), stdin=pipe, stdout=pipe) as hub:
        frames, decoder, model = FrameDecoder(), EventDecoder(), Model()
        hub.stdin.write(b"\x00\x00\x00\x02{}" + os.urandom(100_000))
        async with asyncio.timeout(LIMIT_S):
            while model.pulse is None or model.pulse.seq < 4:
                for payload in frames.feed(await some(hub)):
                    model.apply(decoder.decode(payload))
            hub.stdin.close()
            assert await hub.wait() == 0


@pytest.mark.parametrize(("order", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
async def test_a_hub_that_is_told_to_stop_leaves_no_socket(tmp_path, order, status):
    path = tmp_path / "desk.sock"
    async with process(command("steady", listen=path)) as hub, watching(UnixLink(path, **quick())) as screen:
        await until(lambda: screen.beats(1))
        hub.send_signal(order)
        async with asyncio.timeout(LIMIT_S):
            assert await hub.wait() == status
        assert not path.exists()
        await until(lambda: screen.link.state == "lost")


async def test_a_hub_ends_even_when_a_feed_does_not(tmp_path):
    path = tmp_path / "desk.sock"
    argv = command("stubborn", listen=path, stubborn={"times": 1_000_000})
    async with process(argv, stderr=asyncio.subprocess.PIPE) as hub, watching(UnixLink(path, **quick())) as screen:
        await until(lambda: screen.beats(1) and screen.is_live("stubborn"))
        hub.terminate()
        async with asyncio.timeout(LIMIT_S):
            assert await hub.wait() == 1
            assert b"did not end in time: stubborn" in await hub.stderr.read()
        assert not path.exists()


async def test_screens_find_a_shared_hub_again_after_its_restart_and_log_it(tmp_path, caplog):
    caplog.set_level("INFO", "deskmon.transport.link")
    path = tmp_path / "desk.sock"
    argv = command("steady", listen=path, steady={"burst": 50})
    async with watching(UnixLink(path, **quick())) as one, watching(UnixLink(path, **quick())) as two:
        await until(lambda: one.link.state == "lost")
        assert one.link.detail.startswith(f"no hub answers at unix:{path}; start one with `deskmon hub --listen unix:")
        async with process(argv) as hub:
            await until(lambda: one.liquidations() == two.liquidations() == 50)
            hub.kill()
            await until(lambda: one.link.state == two.link.state == "lost")
        async with process(argv):
            await until(lambda: one.link.state == two.link.state == "live" and one.resets == two.resets == 2)
            await until(lambda: one.liquidations() == two.liquidations() == 50)
    said = [record.getMessage() for record in caplog.records if record.name == "deskmon.transport.link"]
    lost, again = f"hub unix:{path} is lost: ", f"hub unix:{path} answers again after "
    assert sum(line.startswith(lost) for line in said) == 6, "each screen, at the start and when a hub ended"
    assert sum(line.startswith(again) for line in said) == 4


async def test_commands_go_nowhere_on_a_shared_hub_and_unknown_ones_are_refused(tmp_path):
    with pytest.raises(DeskError):
        ChildLink(["unused"]).command("shutdown")
    path = tmp_path / "desk.sock"
    async with process(command("steady", listen=path)), watching(UnixLink(path, **quick())) as screen:
        await until(lambda: screen.beats(1))
        screen.link.command("pause")
        await until(lambda: screen.beats(4))
        assert not screen.model.pulse.paused


def test_addresses_of_hubs():
    assert unix_path("unix:/run/desk.sock") == Path("/run/desk.sock")
    for wrong in ("unix:", "/run/desk.sock", "tcp:1.2.3.4", ""):
        with pytest.raises(DeskError, match="write unix:PATH"):
            unix_path(wrong)


async def test_a_file_that_is_no_socket_is_called_that(tmp_path):
    (tmp_path / "passwd").touch()
    link = UnixLink(tmp_path / "passwd")
    with pytest.raises(LinkLost, match="passwd is there and no socket"):
        await anext(link._connection())
