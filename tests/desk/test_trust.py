"""Who may ask what: a trader signs with a name, a trader on another's hub keeps no file, a stranger asks nothing."""

from argparse import Namespace

import pytest

from deskmon.cli.parser import parse
from deskmon.cli.session import GUEST, config_writer, load_config
from deskmon.desk.app import DeskApp
from deskmon.desk.config_writer import ConfigWriter
from deskmon.errors import UsageError
from deskmon.transport.requests import Note, Reply
from tests.desk.test_app import FakeLink, config, feed, market, shown

NOTE = Note(id=0, text="sold half")


def loaded(tmp_path, *words: str, file: str = "") -> Namespace:
    (path := tmp_path / "deskmon.toml").write_text(file)
    args = parse([*words, "--config", str(path)])
    args.config_in_use = load_config(args, feeds={})
    return args


def test_a_trader_is_called_as_the_command_says_else_the_configuration_else_the_login(tmp_path, monkeypatch):
    monkeypatch.setenv("LOGNAME", "login")
    ours = '[desk]\ntrader = "ours"\n'
    names = [
        loaded(tmp_path, "attach", "unix:x", "--as", "ana", file=ours), loaded(tmp_path, "attach", "unix:x", file=ours),
        loaded(tmp_path, "attach", "unix:x"),
    ]  # fmt: skip
    assert [args.config_in_use.desk.trader for args in names] == ["ana", "ours", "login"]
    for wrong in ("", "a\x1b[31m", "x" * 200):
        with pytest.raises(UsageError, match="is no name"):
            loaded(tmp_path, "attach", "unix:x", f"--as={wrong}")


def test_a_trader_on_another_s_hub_keeps_no_file_and_one_on_his_own_does(tmp_path):
    guest = config_writer(loaded(tmp_path, "attach", "unix:x", "--as", "ana"), attached=True)
    assert (guest.refusal, guest.kiosk) == (GUEST, False)
    for words in (("attach", "unix:x"), ("--as", "ana")):
        assert not config_writer(loaded(tmp_path, *words), attached=words[0] == "attach").refusal


async def test_a_request_carries_who_asks_and_what_the_hub_says_is_shown():
    app = DeskApp(config(trader="ana"), FakeLink())
    app.link.reply = Reply(ok=False, text="the journal is full")
    async with app.run_test(size=(160, 30)) as pilot:
        await feed(app, pilot, market(100.0))
        await app._ask(NOTE)
        assert [(request.by, request.text) for request in app.link.asked] == [("ana", "sold half")]
        await pilot.pause()
        assert "the journal is full" in shown(app)


async def test_a_kiosk_asks_nothing_of_the_hub():
    app = DeskApp(config(), FakeLink(), ConfigWriter(None, "this is a kiosk", kiosk=True))
    async with app.run_test(size=(160, 30)) as pilot:
        await feed(app, pilot, market(100.0))
        await app._ask(NOTE)
        assert not app.link.asked and "a kiosk asks nothing of the hub" in shown(app)
