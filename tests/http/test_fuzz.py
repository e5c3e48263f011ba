"""Every path, asked for with anything: what comes back is what the description says, and the hub goes on."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.http.desks import served
from tests.hub.market import config
from tests.hub.waiting import LIMIT_S
from tests.length import length

schemathesis = pytest.importorskip("schemathesis")

CHECKS = [
    getattr(schemathesis.checks, name)
    for name in ("status_code_conformance", "content_type_conformance", "response_schema_conformance")
]
MEANT = {
    "path": st.sampled_from(["liquidations.windows.1h.usd", "waves", "feeds", 'prices."S7/USDT:USDT"']),
    "panel": st.sampled_from(["prices", "feeds"]), "layout": st.just("default"), "size": st.just("80x20"),
}  # fmt: skip
"""What there is, in place of some of what nobody has."""
LOAD = 2_000
"""Events a second."""
PATHS = ("/openapi.json", "/state", "/figures/{path}", "/snapshot.svg", "/report.{form}", "/events")


def fuzz(url, description, count):
    """Ask each path `count` times; how often each status came."""
    schema = schemathesis.openapi.from_dict(description)
    found = {}
    with requests.Session() as session:
        for path in PATHS:

            @settings(
                max_examples=count, deadline=None, database=None, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @given(schema[path]["GET"].as_strategy(), st.fixed_dictionaries({}, optional=MEANT))
            def ask(case, meant):
                for given_in in (case.path_parameters, case.query):
                    given_in.update({name: value for name, value in meant.items() if name in given_in})
                asked = case.as_transport_kwargs(base_url=url)
                with closing(session.request(**asked, stream=True, timeout=LIMIT_S)) as answer:
                    if answer.status_code == 200 and case.path == "/events":
                        assert answer.headers["Content-Type"] == "text/event-stream"
                        assert next(answer.iter_lines()) == b"retry: 2000"
                    else:
                        case.validate_response(answer, checks=CHECKS)
                        if answer.status_code != 200:
                            assert set(json.loads(answer.content)) == {"error", "remedy"}
                    found.setdefault(case.path, set()).add(answer.status_code)

            ask()
    return found


async def test_anything_may_be_asked_of_a_hub_under_load():
    async with served(config("steady", steady={"rate": LOAD})) as asking:
        status, description = await asking.get("/openapi.json")
        assert status == 200 and set(description["paths"]) == set(PATHS)
        found = await asyncio.to_thread(fuzz, asking.url, description, length(15, 400))
        reports = found.pop("/report.{form}")  # this hub keeps no journal to make one of
        assert 503 in reports and reports <= {400, 404, 503}
        assert {*found, "/report.{form}"} == set(PATHS) and all(200 in each for each in found.values()), found
        assert 400 in set().union(*found.values())
        assert asking.server.report(asking.hub.now + 10_000).reconnects == 0
        assert (await asking.get("/state?only=mode")) == (200, {"mode": "live"})
