"""What happens at once is one message; a cascade says three things in its first minute."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from deskmon.clock import MINUTE, SECOND
from deskmon.delivery.grouping import Grouping
from deskmon.delivery.notice import MOST_NOTICES, MOST_TEXT, message
from deskmon.delivery.quiet_hours import quiet_hours
from tests.delivery.builders import T0, notice


def told(arrivals, until):
    """(when, rules) of each message, for (time, rule, group) of each arrival."""
    grouping, sent, waiting = Grouping(), [], sorted(arrivals)
    while waiting or grouping.due is not None:
        if waiting and (grouping.due is None or waiting[0][0] <= grouping.due):
            at, rule, group = waiting.pop(0)
            grouping.add(rule, notice(rule, T0 + at, group=group), at)
        else:
            at = grouping.due
            if at > until:
                break
            sent.append((at, [rule for rule, _ in grouping.take(at)]))
    return sent


def test_what_comes_within_two_seconds_is_one_message():
    assert told([(0, "a", ""), (1_999, "b", ""), (2_000, "c", "")], MINUTE) == [(2_000, ["a", "b", "c"])]


def test_the_waits_of_a_burst_grow_to_a_minute_and_begin_anew_after_a_quiet_one():
    arrivals = [(second * SECOND, f"rule{second}", "") for second in range(130)] + [(400_000, "late", "")]
    assert [at for at, _ in told(arrivals, 500_000)] == [2_000, 11_000, 44_000, 105_000, 166_000, 402_000]


def test_a_rule_or_group_that_was_told_of_is_told_of_again_after_a_minute():
    assert told([(0, "a", ""), (3_000, "a", "")], 2 * MINUTE) == [(2_000, ["a"]), (62_000, ["a"])]
    assert told([(0, "a", "g"), (3_000, "b", "g")], 2 * MINUTE) == [(2_000, ["a"]), (62_000, ["b"])]


def test_what_is_new_takes_what_waits_for_its_minute_along():
    assert told([(0, "a", ""), (3_000, "a", ""), (4_000, "b", "")], MINUTE) == [(2_000, ["a"]), (12_000, ["a", "b"])]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 59_999), st.integers(0, 60)), min_size=1, max_size=80))
def test_no_cascade_says_more_than_three_things_in_its_first_minute_and_nothing_is_left_out(arrivals):
    arrivals = [(at, f"rule{rule}", "") for at, rule in arrivals]
    first = min(arrivals)[0]
    sent = told(arrivals, 10 * MINUTE)
    assert sum(at < first + MINUTE for at, _ in sent) <= 3
    assert sorted(rule for _, rules in sent for rule in rules) == sorted(rule for _, rule, _ in arrivals)
    assert all(later - earlier >= 2 * SECOND for (earlier, _), (later, _) in pairwise(sent))


def test_a_message_names_every_rule_within_what_a_phone_takes():
    notices = [notice(f"rule-{n}", text="x" * 150, severity="page" if n == 7 else "info") for n in range(60)]
    made = message("phone", notices, T0, "desk", "alerts")
    assert len(made.text) <= MOST_TEXT
    assert made.title == "desk: rule-7 FIRING +59 more"
    assert made.severity == "page"
    assert all(f"rule-{n}" in made.text for n in range(60))
    many = message("phone", [notice(f"r{n}") for n in range(MOST_NOTICES + 3)], T0, "desk", "alerts")
    assert (len(many.alerts), many.more) == (MOST_NOTICES, 3)
    assert "rules" in many.text.splitlines()[-1]
    assert len(many.text) <= MOST_TEXT


def test_text_from_outside_has_nothing_that_a_terminal_or_a_phone_would_obey():
    made = message("phone", [notice("lost", text="a\x1b]0;evil\x07\nb\u202e\u200bc")], T0, "de\x1bsk", "alerts")
    assert made.text == "08:53:20Z lost: FIRING · a·]0;evil· b··c"
    assert made.title == "de·sk: lost FIRING"


def test_the_id_is_that_of_what_is_told_and_of_nothing_else():
    one = message("phone", [notice("a")], T0, "desk", "alerts")
    assert one.id == message("phone", [notice("a", text="other words")], T0 + 5, "other desk", "digest").id
    assert one.id != message("mail", [notice("a")], T0, "desk", "alerts").id
    assert one.id != message("phone", [notice("a", T0 + 1)], T0, "desk", "alerts").id


def test_quiet_hours_last_over_midnight_and_end_on_the_minute():
    night, noon = quiet_hours("22:00-07:00"), quiet_hours("11:30-12:00")
    day = T0 - T0 % (24 * 60 * MINUTE)
    hour = 60 * MINUTE
    assert night.until(day + 22 * hour) == day + 31 * hour
    assert night.until(day + 6 * hour + 59 * MINUTE + 17) == day + 7 * hour
    assert night.until(day + 7 * hour) is None
    assert noon.until(day + 11 * hour + 45 * MINUTE) == day + 12 * hour
    assert noon.until(day + 12 * hour) is None
