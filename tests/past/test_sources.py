"""Which market a command of the past reads: the one that is named, else the user's own rolling journal."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from deskmon.cli.market import add_source
from deskmon.cli.parser import Parser
from deskmon.cli.past import add_span, asked_span, open_past
from deskmon.clock import SECOND
from deskmon.config.places import journal_folder
from deskmon.config.schema import JournalConfig
from deskmon.errors import DeskError, UsageError
from deskmon.events import Ticker
from deskmon.hub.endpoints import unix_endpoint
from deskmon.hub.hub import Hub
from tests.commands import one_price
from tests.hub.test_hub import config, load
from tests.hub.waiting import heard, until
from tests.timelines.builders import T0, ticker
from tests.timelines.folders import write_folder


def asked(*words):
    """What a command line of these words says."""
    parser = Parser()
    add_source(parser, at=False)
    add_span(parser)
    parser.set_defaults(config=None, theme=None, sets=[], log=None, verbose=False)
    return parser.parse_args(words)


def last_prices(past, span=None):
    return [each.last for each in past.events(span) if type(each) is Ticker]


def test_a_journal_a_folder_and_an_embedded_market_are_opened_by_name(elsewhere, tmp_path):
    past = open_past(asked("--replay", one_price(elsewhere)))
    assert last_prices(past) == [100.0] and past.judge
    write_folder(tmp_path / "segments", [[ticker(T0, last=7.0)], [ticker(T0 + SECOND, last=8.0)]], each=1)
    args = asked("--replay", str(tmp_path / "segments"), "--from", "+1s")
    past = open_past(args)
    assert last_prices(past, asked_span(past, args)) == [8.0]
    assert open_past(asked("--demo")).timeline.mode == "demo"
    with pytest.raises(UsageError, match="no such journal"):
        open_past(asked("--replay", "nowhere.jsonl"))


def test_without_a_name_it_is_the_own_rolling_journal_with_what_its_hub_said_of_alerts(elsewhere):
    with pytest.raises(UsageError, match="there is no rolling journal at"):
        open_past(asked())
    folder = journal_folder(JournalConfig())
    folder.mkdir(parents=True)
    write_folder(folder, [[ticker(T0, last=7.0)]], each=1)
    past = open_past(asked())
    assert last_prices(past) == [7.0] and not past.judge


async def test_of_a_running_hub_it_is_the_journal_that_the_hub_writes(elsewhere, tmp_path):
    folder, socket = tmp_path / "kept", tmp_path / "desk.sock"
    desk = msgspec.structs.replace(config("steady"), journal=JournalConfig(folder=str(folder)))
    hub = Hub(desk, load=load)
    running = asyncio.create_task(hub.run())
    try:
        async with unix_endpoint(hub.stream, socket, hub.door):
            await until(lambda: (pulse := hub.stream.model.pulse) is not None and pulse.hub.journal is not None)
            await until(lambda: heard(hub, "steady"))
            await hub._journals.flush()
            past = await asyncio.to_thread(open_past, asked("--attach", f"unix:{socket}"))
            assert past.timeline.path == folder and not past.judge and list(past.events())
            for segment in folder.iterdir():
                segment.unlink()
            with pytest.raises(DeskError, match="can't be read here"):
                await asyncio.to_thread(open_past, asked("--attach", f"unix:{socket}"))
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_hub_without_a_journal_has_no_past(elsewhere, tmp_path):
    hub = Hub(config("steady"), load=load)
    running = asyncio.create_task(hub.run())
    try:
        async with unix_endpoint(hub.stream, tmp_path / "desk.sock", hub.door):
            with pytest.raises(DeskError, match="keeps no journal"):
                await asyncio.to_thread(open_past, asked("--attach", f"unix:{tmp_path}/desk.sock"))
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
