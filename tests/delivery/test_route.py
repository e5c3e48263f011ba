"""A route keeps what it was given until somebody has answered for it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from deskmon.clock import DAY, HOUR, MINUTE, SECOND
from deskmon.delivery.answer import Answer, http_answer
from deskmon.delivery.notice import message
from deskmon.delivery.outbox import UNKNOWN_OUTCOME, Outbox
from deskmon.delivery.quiet_hours import quiet_hours
from deskmon.delivery.route import FAILING, MOST_A_MINUTE, MOST_PROBES, RouteRules
from deskmon.errors import DeskError
from tests.delivery.builders import T0, Bench, Told, notice

REFUSED = Answer(False, "HTTP 500")


async def test_forty_rules_at_once_are_one_message_and_their_end_another(tmp_path):
    bench = Bench(tmp_path, Told())
    bench.add(*(notice(f"rule{n}") for n in range(40)))
    await bench.until(T0 + 20 * SECOND)
    bench.add(*(notice(f"rule{n}", T0 + 20 * SECOND, "ok") for n in range(40)))
    await bench.until(T0 + 3 * MINUTE)
    assert bench.sender.rules == [[f"rule{n}" for n in range(40)]] * 2
    assert [message.at - T0 for message in bench.sender.messages] == [2_000, 62_000]
    assert bench.outbox.waiting("phone") == []
    assert [sent.outcome for sent in bench.outbox.log()] == ["taken", "taken"]


async def test_what_failed_is_tried_again_with_its_id_at_growing_distances(tmp_path):
    bench = Bench(tmp_path, Told(*[REFUSED] * 4))
    bench.add(notice("lost"))
    await bench.until(T0 + 10 * MINUTE)
    tries = [sent.at - T0 for sent in bench.outbox.log()]
    assert len({message.id for message in bench.sender.messages}) == 1
    waits = [later - earlier for earlier, later in pairwise(tries)]
    for wait, ceiling in zip(waits, (5, 10, 20, 40), strict=True):
        assert ceiling * SECOND // 2 <= wait <= ceiling * SECOND
    assert [sent.outcome for sent in bench.outbox.log()] == ["HTTP 500"] * 4 + ["taken"]


async def test_other_hubs_know_of_a_message_before_it_is_tried_and_of_its_answer_before_the_next(tmp_path):
    bench = Bench(tmp_path, Told(Answer(False, "HTTP 500"), Answer(True, "taken")))
    bench.add(notice("lost85"))
    await bench.until(T0 + MINUTE)
    assert bench.recorded == [(1, 0, 0), (1, 0, 1), (1, 0, 1), (0, 1, 2)]


async def test_a_route_waits_as_long_as_the_other_side_asks(tmp_path):
    bench = Bench(tmp_path, Told(http_answer(429, "90", T0)))
    bench.add(notice("lost"))
    await bench.until(T0 + 3 * MINUTE)
    assert [sent.at - T0 for sent in bench.outbox.log()] == [2_000, 92_000]


async def test_a_route_that_fails_three_times_is_failing_until_it_works(tmp_path):
    bench = Bench(tmp_path, Told(*[REFUSED] * FAILING))
    bench.add(notice("lost"))
    await bench.until(T0 + HOUR)
    assert bench.changes == [True, False]


async def test_after_a_long_failure_the_last_word_of_it_is_one_digest(tmp_path):
    bench = Bench(tmp_path, Told(*[REFUSED] * 100_000))
    for minute in range(180):
        bench.add(notice(f"rule{minute}", T0 + minute * MINUTE))
        await bench.until(T0 + minute * MINUTE)
    bench.sender.answers.clear()
    bench.sender.messages.clear()
    await bench.until(T0 + 4 * HOUR)
    assert len(bench.sender.messages) <= MOST_PROBES + 2
    assert {rule for rules in bench.sender.rules for rule in rules} == {f"rule{minute}" for minute in range(180)}


async def test_a_message_that_the_other_side_never_takes_holds_up_no_other(tmp_path):
    bench = Bench(tmp_path, Told())

    async def picky(message):
        bench.sender.messages.append(message)
        return REFUSED if message.alerts[0].rule == "poison" else Answer(True, "taken")

    bench.sender.send = picky
    bench.add(notice("poison"))
    await bench.until(T0 + 5 * SECOND)
    bench.add(notice("good"))
    await bench.until(T0 + 2 * MINUTE)
    assert ["good"] in bench.sender.rules
    assert [pending.message.alerts[0].rule for pending in bench.outbox.waiting("phone")] == ["poison"]


async def test_what_waits_beyond_ten_a_minute_goes_out_as_one_digest(tmp_path):
    bench = Bench(tmp_path, Told())
    for n in range(50):
        made = message("phone", [notice(f"rule{n}", T0 + n)], T0 + n, "desk", "alerts")
        bench.outbox.put(made)
    bench.clock.set(T0 + MINUTE)
    await bench.until(T0 + 3 * MINUTE)
    assert [len(rules) for rules in bench.sender.rules] == [50]
    [digest] = bench.sender.messages
    assert digest.kind == "digest"
    assert digest.title == "desk: rule0 FIRING +49 more (digest of 50 messages)"
    assert bench.outbox.waiting("phone") == []
    assert sum(sent.outcome == f"goes out in {digest.id}" for sent in bench.outbox.log()) == 50


async def test_no_minute_has_more_than_ten_tries(tmp_path):
    bench = Bench(tmp_path, Told())
    for n in range(30):
        bench.outbox.put(message("phone", [notice(f"rule{n}", T0 + n)], T0 + n, "desk", "alerts"), due=T0 + n * SECOND)
        await bench.until(T0 + n * SECOND)
    await bench.until(T0 + 5 * MINUTE)
    at = [sent.at for sent in bench.outbox.log() if sent.tries]
    assert all(at[n + MOST_A_MINUTE] - at[n] >= MINUTE for n in range(len(at) - MOST_A_MINUTE))
    assert sorted(rule for rules in bench.sender.rules for rule in rules) == sorted(f"rule{n}" for n in range(30))


async def test_what_was_tried_keeps_its_id_and_joins_no_digest(tmp_path):
    bench = Bench(tmp_path, Told(REFUSED))
    bench.add(notice("tried"))
    await bench.until(T0 + 3 * SECOND)
    for n in range(20):
        bench.outbox.put(message("phone", [notice(f"rule{n}")], T0 + n, "desk", "alerts"))
    await bench.until(T0 + 2 * MINUTE)
    assert bench.sender.rules.count(["tried"]) == 2
    assert len({each.id for each in bench.sender.messages if each.alerts[0].rule == "tried"}) == 1


async def test_quiet_hours_hold_all_but_pages_and_end_with_what_was_held(tmp_path):
    bench = Bench(tmp_path, Told(), RouteRules(quiet=quiet_hours("08:00-10:00")))  # T0 is 08:53:20Z
    bench.add(notice("mild"))
    await bench.until(T0 + MINUTE)
    bench.add(notice("grave", T0 + MINUTE, severity="page"))
    await bench.until(T0 + HOUR)
    assert bench.sender.rules == [["grave"]]
    await bench.until(T0 + 2 * HOUR)
    assert bench.sender.rules == [["grave"], ["mild"]]
    assert bench.outbox.log()[-1].at == T0 + 66 * MINUTE + 40 * SECOND


async def test_a_notice_is_known_once_and_taken_up_again_after_a_restart(tmp_path):
    bench = Bench(tmp_path, Told())
    bench.add(notice("lost"), notice("lost"))
    again = Bench(tmp_path, Told())
    again.add(notice("lost"))
    assert [each for _, _, each in again.outbox.loose()] == [notice("lost")]
    for number, _, each in again.outbox.loose():
        again.route.add(number, each)
    await again.until(T0 + MINUTE)
    assert again.sender.rules == [["lost"]]
    assert again.outbox.loose() == []


def test_the_log_says_where_a_double_may_come_from(tmp_path):
    outbox = Outbox(tmp_path / "outbox.db")
    outbox.put(message("phone", [notice("lost")], T0, "desk", "alerts"))
    [pending] = outbox.waiting("phone")
    outbox.trying(pending, T0)
    again = Outbox(tmp_path / "outbox.db")
    again.begin()
    [pending] = again.waiting("phone")
    again.trying(pending, T0 + 5)
    again.answered(pending.message, "taken", again_at=None)
    assert [(sent.tries, sent.outcome) for sent in again.log()] == [(1, UNKNOWN_OUTCOME), (2, "taken")]
    assert again.waiting("phone") == []


def test_what_nobody_took_for_a_day_and_what_has_no_route_is_given_up_and_the_log_says_so(tmp_path):
    outbox = Outbox(tmp_path / "outbox.db")
    old, gone = (message(route, [notice("lost")], T0, "desk", "alerts") for route in ("phone", "gone"))
    outbox.put(old)
    outbox.put(gone)
    assert outbox.tidy(T0 + HOUR, ["phone"]) == [gone]
    assert outbox.tidy(T0 + DAY + 1, ["phone"]) == [old]
    assert outbox.counts() == {}
    assert [sent.outcome for sent in outbox.log()] == ["given up: its route is no more", "given up: waited for a day"]


def test_an_outbox_that_is_damaged_is_put_aside_and_its_owner_alone_reads_it(tmp_path):
    path = tmp_path / "outbox.db"
    path.write_bytes(b"no database" * 1_000)
    with pytest.raises(DeskError, match=r"was damaged; it is now outbox\.db\.damaged, the outbox begins afresh"):
        Outbox(path).begin()
    Outbox(path).begin()
    assert (tmp_path / "outbox.db.damaged").exists()
    assert path.stat().st_mode & 0o077 == 0
