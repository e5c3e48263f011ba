"""`deskmon alerts test`: the configuration's trial runs, or its rules over a market of the past."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from deskmon import format as fmt
from deskmon.cli.text import complain, print_columns, print_json_lines, say
from deskmon.errors import UsageError

if TYPE_CHECKING:
    from deskmon.alerts.telling import News
    from deskmon.config.schema import Config
    from deskmon.events import Alert

MARKS = {True: "✓", False: "✗", None: "?"}


def run_test(args: Namespace) -> int:
    """Status 1 where a trial run came out otherwise than expected."""
    from deskmon.cli.log_file import start_log
    from deskmon.cli.market import chosen
    from deskmon.cli.session import load_config

    if args.attach is not None:
        raise UsageError("rules are tried on the past", "name a market with --demo or --replay FILE")
    if args.demo is None and args.replay is None:
        return _run_tests(load_config(args), args.json)
    config = chosen(args)
    start_log(args, stderr=False)
    from deskmon.cli.timeline_model import back_test

    trial = back_test(config, args.at)
    said = [news.alert for news in trial.news if news.is_transition]
    if args.json:
        return print_json_lines(map(_plain, said))
    for alert in said:
        say_transition(alert)
    sum_up(said, trial.end)
    return 0


def _run_tests(config: Config, as_json: bool) -> int:
    from deskmon.alerts.trial import Failure, run

    if not config.tests:
        raise UsageError(
            "the configuration has no [[tests]]", "write some, or name a market with --demo or --replay FILE"
        )
    failed = 0
    for test in config.tests:
        words = "passed"
        try:
            said = run(test, config.alerts, config.scenarios)
        except Failure as fault:
            failed, words, said = failed + 1, f"FAILED: {fault}", fault.said
        if as_json:
            print_json_lines({**_plain(each), "test": test.name} for each in _transitions(said))
            if words != "passed":
                complain(f"{test.name}: {words}")
        else:
            say(f"{test.name}: {words}")
    return 1 if failed else 0


def _transitions(said: Iterable[News]) -> Iterable[Alert]:
    return (news.alert for news in said if news.is_transition)


def _plain(alert: Alert) -> dict[str, Any]:
    return {"ts": alert.ts, "rule": alert.rule, "state": alert.state, "value": alert.value}


def say_transition(alert: Alert) -> None:
    """One transition, with its legs below it."""
    from deskmon.components.legs import leg_words

    mark = f" ({alert.mark}{f' by {alert.by}' if alert.by else ''})" if alert.mark else ""
    say(f"{fmt.date(alert.ts)} {fmt.clock(alert.ts)}Z  {alert.state:<8} {alert.rule}{mark}")
    for leg in alert.legs:
        say(f"    {MARKS[leg.met]} {leg.text}  now {leg_words(leg).value}")


def sum_up(said: list[Alert], end: int) -> None:
    """How often each rule fired, by day too, and for how long; of one that still fires up to the `end` (ms)."""
    fired: Counter[str] = Counter()
    days: Counter[tuple[str, str]] = Counter()
    lengths: Counter[str] = Counter()
    since: dict[str, int] = {}
    for alert in said:
        if alert.state == "firing" and alert.rule not in since:
            since[alert.rule] = alert.ts
            fired[alert.rule] += 1
            days[alert.rule, fmt.date(alert.ts)] += 1
        elif alert.state == "ok" and alert.rule in since:
            lengths[alert.rule] += alert.ts - since.pop(alert.rule)
    if not fired:
        say("no rule fired")
        return
    say("")
    rows = [("rule", "fired", "for", "by day")]
    for rule, count in sorted(fired.items()):
        still = " and still" if rule in since else ""
        length = lengths[rule] + (end - since[rule] if rule in since else 0)
        by_day = ", ".join(f"{day} {number}" for (of, day), number in sorted(days.items()) if of == rule)
        rows.append((rule, str(count), f"{length / 60_000:.1f} min{still}", by_day))
    print_columns(rows)
