"""What was, asked by programs: each answer is a process that ends with its request, four at once."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest

from deskmon.config.schema import Config
from deskmon.errors import DeskError, UsageError
from deskmon.http.past import AT_ONCE, Busy, Past
from deskmon.http.requests import FORMS, StateAsk
from deskmon.past import journal_config
from deskmon.report.asking import ReportAsk
from deskmon.report.worker import answered
from tests.http.desks import served
from tests.hub.market import config
from tests.hub.waiting import until
from tests.lookback.conftest import folder  # noqa: F401 - a fixture
from tests.lookback.test_look_back import SECONDS, replayed
from tests.timelines.builders import T0

ASK = StateAsk(("mode",))


def answering(monkeypatch, script):
    """Have `script` stand in for the process that answers."""
    command = (sys.executable, "-c", f"import sys, os, time; sys.stdin.buffer.read(); {script}")
    monkeypatch.setattr("deskmon.http.past._COMMAND", command)
    return Past("/nowhere")


async def test_what_was_is_what_a_replay_of_the_journal_shows_then(folder):  # noqa: F811
    at, figure = T0 + 31_000, "/figures/liquidations.windows.1h.usd"
    async with served(config("steady"), journal=folder) as asking:
        only = "prices,liquidations,depth,funding"
        (status, state), (early, first), (ok, series) = await asyncio.gather(
            asking.get(f"/state?only={only}&at={at}"),
            asking.get(f"/figures/prices.BTC.last?at={T0 - 10**9}"),
            asking.get(f"{figure}?from={T0 + 1_000}&to={T0 + 31_000}&every=10s"),
        )
        assert status == 200, state
        assert state == {key: replayed(folder, at)[key] for key in only.split(",")}
        assert (early, first["at"]) == (200, SECONDS[0][0].arrival), "before its start a journal tells of that"
        assert ok == 200, series
        assert (series["source"], series["unit"], series["coverage"]) == ("recorded", "USD", {"bybit": "full"})
        assert [point["ts"] for point in series["points"]] == [T0 + 1_000 + step * 10_000 for step in range(4)]
        for point in series["points"]:
            assert point["value"] == replayed(folder, point["ts"])["liquidations"]["windows"]["1h"]["usd"]
        for query, words in (
            ("from=2d%20ago&every=1s", "more than 2000 points"), ("from=now&to=now", "no stretch of the past"),
            ("at=now&from=monday", "leave at out"), ("every=nothing", "is not a length of time"),
        ):  # fmt: skip
            status, refusal = await asking.get(f"{figure}?{query}")
            assert status == 400 and words in f"{refusal['error']}; {refusal['remedy']}"
        assert (await asking.get("/figures/feeds?from=now"))[1]["error"] == "feeds is no number"


async def test_four_are_answered_at_once_and_the_fifth_is_told_to_wait(monkeypatch, tmp_path):
    gate = tmp_path / "gate"
    past = answering(
        monkeypatch, f"[time.sleep(0.01) for _ in iter(lambda: os.path.exists({str(gate)!r}), True)]; print(1)"
    )
    asked = [asyncio.create_task(past.answer(ASK, Config(), T0)) for _ in range(AT_ONCE)]
    await asyncio.sleep(0)
    with pytest.raises(Busy, match="4 answers about the past are being made already; ask again"):
        await past.answer(ASK, Config(), T0)
    gate.touch()
    assert await asyncio.gather(*asked) == [b"1\n"] * AT_ONCE
    assert await past.answer(ASK, Config(), T0) == b"1\n"


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        ("sys.exit('the hub is gone; start it again')", DeskError, "the hub is gone; start it again"),
        ("print('no such day; take another', file=sys.stderr); sys.exit(2)", UsageError, "no such day; take another"),
        ("os.kill(os.getpid(), 9)", DeskError, "the process of the answer killed by SIGKILL"),
    ],
)
async def test_why_there_is_no_answer_is_said(monkeypatch, script, kind, words):
    with pytest.raises(DeskError) as fault:
        await answering(monkeypatch, script).answer(ASK, Config(), T0)
    assert type(fault.value) is kind and str(fault.value) == words


async def test_a_process_ends_with_the_request_that_asked_and_when_its_time_is_over(monkeypatch, tmp_path):
    told = tmp_path / "pid"
    past = answering(monkeypatch, f"open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(600)")
    asked = asyncio.create_task(past.answer(ASK, Config(), T0))
    await until(lambda: told.exists() and told.read_text())
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)
    monkeypatch.setattr("deskmon.http.past.PATIENCE_S", 0.05)
    with pytest.raises(DeskError, match=r"there is no answer within 0\.05 s"):
        await past.answer(ASK, Config(), T0)
    assert past._running == 0


async def test_a_report_is_that_of_the_journal_in_each_form_and_says_what_is_wrong(folder, monkeypatch):  # noqa: F811
    monkeypatch.setattr("tests.http.desks.LIMIT_S", 120.0)
    market = journal_config(Config(), folder)
    async with served(config("steady"), journal=folder) as asking:
        for form, kind in FORMS.items():
            async with asking.session.get(f"{asking.url}/report.{form}?to={T0 + 31_000}&asset=BTC") as answer:
                text = await answer.text()
                assert (answer.status, answer.content_type, answer.charset) == (200, kind, "utf-8"), text
            same = ReportAsk(market, form, until=str(T0 + 31_000), assets=("BTC",), judge=False)
            assert text == await asyncio.to_thread(answered, same)
        for query, words in (
            ("from=never", "is not a time"), ("asset=" + "x" * 50, "asset names none"), ("layout=a", "no parameter"),
            (f"from={T0 + 31_000}&to={T0 + 1_000}", "the stretch ends before it begins"),
        ):  # fmt: skip
            status, refusal = await asking.get(f"/report.txt?{query}")
            assert status == 400 and words in refusal["error"], refusal
        assert (await asking.get("/report.pdf"))[0] == 404


async def test_one_report_is_made_at_a_time(monkeypatch):
    command = (sys.executable, "-c", "import sys; sys.stdin.buffer.read(); print(1)")
    monkeypatch.setattr("deskmon.http.past.COMMAND", command)
    past = Past("/nowhere")
    first = asyncio.create_task(past.report(ReportAsk(Config())))
    await asyncio.sleep(0)
    with pytest.raises(Busy, match="a report is being made already; ask again in a minute"):
        await past.report(ReportAsk(Config()))
    assert await first == b"1\n" == await past.report(ReportAsk(Config()))
