"""`deskmon alerts`: which rules there are, and one message for real."""

from __future__ import annotations

import asyncio
import json

from tests.commands import Run
from tests.delivery.receiver import receiver

RULES = """
[alerts.rules.lost85]
when = "prices.BTC.last < 85000"
severity = "page"
text = "BTC lost 85,000"
[alerts.rules.off]
any = ["prices.BTC.last > 1", "prices.ETH.last > 1"]
enabled = false
"""


def written(folder, *routes):
    path = folder / "deskmon.toml"
    path.write_text(RULES + "\n".join(routes))
    return path


async def test_one_alert_is_sent_for_real_on_every_route_or_on_one(tmp_path, run: Run):
    async with receiver() as hook:
        path = written(
            tmp_path, f'[alerts.routes.phone]\ntype = "webhook"\nurl = "{hook.url}"',
            f'[alerts.routes.mail]\ntype = "ntfy"\nurl = "{hook.url}"',
        )  # fmt: skip
        one = await asyncio.to_thread(run, "alerts", "send", "lost85", "--route", "phone", "--config", str(path))
        hook.answers = ["500 No"]
        both = await asyncio.to_thread(run, "alerts", "send", "lost85", "--json", "--config", str(path))
    assert (one.status, one.out.split()) == (0, ["sent", "phone", "HTTP", "200"])
    assert hook.bodies[0]["kind"] == "test"
    assert hook.bodies[0]["title"] == "TEST crypto desk: lost85 FIRING"
    assert hook.bodies[0]["text"].endswith("lost85: FIRING · this is a trial: BTC lost 85,000")
    assert both.status == 1
    assert [(each["route"], each["sent"], each["words"]) for each in json.loads(both.out)] == [
        ("phone", False, "HTTP 500"), ("mail", False, "HTTP 500"),
    ]  # fmt: skip


def test_what_is_missing_or_misspelt_is_said(tmp_path, run: Run):
    none = written(tmp_path)
    assert "no route is configured" in run("alerts", "send", "lost85", "--config", str(none)).err
    path = written(tmp_path, '[alerts.routes.phone]\ntype = "webhook"\nurl = "env:NONE"')
    assert "did you mean 'lost85'?" in run("alerts", "send", "lost58", "--config", str(path)).err
    assert "did you mean 'phone'?" in run("alerts", "send", "lost85", "--route", "fone", "--config", str(path)).err
    result = run("alerts", "send", "lost85", "--config", str(path))
    assert (result.status, "$NONE is not set" in result.out) == (1, True)


def test_the_rules_are_listed(tmp_path, run: Run):
    path = written(tmp_path)
    lines = run("alerts", "list", "--config", str(path)).out.splitlines()
    assert ["lost85", "page", "prices.BTC.last", "<", "85000"] in [line.split() for line in lines]
    listed = {each["rule"]: each for each in json.loads(run("alerts", "list", "--json", "--config", str(path)).out)}
    assert (listed["off"]["enabled"], listed["off"]["legs"]) == (False, ["prices.BTC.last > 1", "prices.ETH.last > 1"])
