"""Bell and notification: by kind of terminal, once per alert whatever the number of a trader's screens."""

from __future__ import annotations

import pytest

from deskmon.desk.calls import Caller, Claims, NewAlerts, rings
from deskmon.errors import DeskError
from deskmon.events import Alert
from deskmon.hub.call_claims import CallClaims
from deskmon.samples import NOW
from deskmon.terminal.call import call, kind_of
from deskmon.terminal.vt import controls
from deskmon.transport.requests import Reply
from tests.markets import own_sample

KINDS = {
    "kitty": ({"TERM": "xterm-kitty"}, "osc99", "\x1b]99;;desk: BTC lost 85,000\x1b\\"),
    "foot": ({"TERM": "foot"}, "osc777", "\x1b]777;notify;desk;BTC lost 85,000\x1b\\"),
    "urxvt": ({"TERM": "rxvt-unicode-256color"}, "osc777", "\x1b]777;notify;desk;BTC lost 85,000\x1b\\"),
    "wezterm": (
        {"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "osc777", "\x1b]777;notify;desk;BTC lost 85,000\x1b\\",
    ),
    "iterm over ssh": (
        {"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "osc9", "\x1b]9;desk: BTC lost 85,000\x1b\\",
    ),
    "kitty in tmux": (
        {"TERM": "tmux-256color", "TMUX": "/tmp/x", "KITTY_WINDOW_ID": "1"}, "osc99",
        "\x1bPtmux;\x1b\x1b]99;;desk: BTC lost 85,000\x1b\x1b\\\x1b\\",
    ),
    "xterm": ({"TERM": "xterm-256color"}, "bell", ""),
    "screen": ({"TERM": "screen", "STY": "1", "KITTY_WINDOW_ID": "1"}, "bell", ""),
    "unknown in tmux": ({"TERM": "tmux-256color", "TMUX": "/tmp/x"}, "bell", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_terminal_gets_a_bell_and_the_notification_that_it_knows(name):
    environment, kind, notification = KINDS[name]
    assert kind_of(environment) == kind
    assert call("desk", "BTC lost 85,000", environment) == tuple(filter(None, ("\x07", notification)))


@pytest.mark.parametrize("name", KINDS)
def test_text_from_outside_ends_no_sequence_and_what_is_written_is_a_control_that_the_driver_passes_on(name):
    environment, *_ = KINDS[name]
    for sequence in call("de\x1bsk;", "a\x07b\x1b\\c;d\u202e\x9c\n" + "x" * 9_000, environment):
        assert controls(sequence) is not None
        assert len(sequence) < 500
        assert sequence.count("\x1b\\") <= 2


def fired(model, *rules, since=NOW, **fields):
    model.apply([Alert(ts=since, rule=rule, state="firing", since=since, severity="warn", **fields) for rule in rules])


def test_what_fires_when_a_screen_starts_isnt_new_and_each_firing_is_new_once():
    model, new = own_sample("one"), NewAlerts()
    fired(model, "old")
    assert new.look(model) == []
    fired(model, "a", "b")
    assert [alert.rule for alert in new.look(model)] == ["a", "b"]
    assert list(new.look(model)) == []
    fired(model, "a", since=NOW + 5)
    fired(model, "b", mark="acknowledged", by="ann")
    assert [alert.rule for alert in new.look(model)] == ["a"]
    model.apply([Alert(ts=NOW, rule="mild", state="firing", since=NOW, severity="info")])
    assert list(new.look(model)) == []
    new.forget()
    fired(model, "c", since=NOW + 6)
    assert list(new.look(model)) == []


async def test_of_a_traders_screens_on_a_machine_one_calls_and_another_traders_calls_too(tmp_path):
    written = {}

    async def screen(name, trader):
        model, said = own_sample("one"), written.setdefault(name, [])
        caller = Caller("desk", Claims(trader, tmp_path / "calls"), {"TERM": "foot"}, said.append)
        assert caller.look(model, rings=True) is None
        fired(model, "lost85", "cascade", text="BTC lost 85,000")
        calling = caller.look(model, rings=True)
        assert calling is not None
        await calling

    for name, trader in (("one", "ann"), ("two", "ann"), ("three", "ben")):
        await screen(name, trader)
    assert written["one"] == ["\x07", "\x1b]777;notify;desk;BTC lost 85,000 (+1 more)\x1b\\"]
    assert written["two"] == []
    assert written["three"] == written["one"]


async def test_of_a_traders_screens_on_other_machines_the_first_to_ask_the_hub_calls(tmp_path):
    claims, written, asked = CallClaims(), {}, []

    async def ask(request):
        asked.append(request)
        try:
            return Reply(ok=True, text=claims.take(request))
        except DeskError as fault:
            return Reply(ok=False, text=str(fault))

    async def screen(name, trader, *rules, answers=ask):
        model, said = own_sample("one"), written.setdefault(name, [])
        caller = Caller("desk", Claims(trader, tmp_path / name), {"TERM": "foot"}, said.append, answers)
        caller.look(model, rings=True)
        fired(model, *rules)
        await caller.look(model, rings=True)

    async def silent(request):
        return Reply(ok=False, text="the hub doesn't answer")

    await screen("home", "ann", "lost85")
    await screen("office", "ann", "lost85")
    await screen("later", "ann", "cascade", "lost85")
    await screen("ben's", "ben", "lost85")
    await screen("alone", "ann", "lost85", answers=silent)
    assert [len(said) for said in written.values()] == [2, 0, 2, 2, 2]
    assert "cascade" in written["later"][1] and "more" not in written["later"][1]
    assert [len(each.alerts) for each in asked] == [1, 1, 2, 1]


async def test_of_screens_that_keep_no_files_one_calls_too():
    alert = Alert(ts=NOW, rule="lost85", state="firing", since=NOW)
    one, two, other = (Claims(trader, keeps_files=False) for trader in ("ann", "ann", "ben"))
    assert (one.take([alert]), two.take([alert]), other.take([alert])) == ([alert], [], [alert])
    for each in (one, other):
        each.close()


async def test_a_folder_that_cant_be_used_silences_nobody(tmp_path):
    (tmp_path / "calls").write_text("a file")
    claims = Claims("ann", tmp_path / "calls")
    alert = Alert(ts=NOW, rule="lost85", state="firing", since=NOW)
    assert claims.take([alert]) == [alert]


def test_a_kiosk_a_replay_and_a_look_back_are_silent_unless_asked_and_a_look_back_always():
    assert rings("auto", "live", is_kiosk=False)
    assert not rings("auto", "live", is_kiosk=True)
    assert not rings("auto", "replay", is_kiosk=False)
    assert not rings("off", "live", is_kiosk=False)
    assert rings("on", "live", is_kiosk=True) and rings("on", "demo", is_kiosk=False)
    assert not rings("on", "look_back", is_kiosk=False)
