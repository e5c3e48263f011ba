"""Work that nobody waits for: what ends by a fault is told, and what must go on goes on."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import deskmon
from deskmon.background import keep_running, start
from tests.hub.waiting import until

WAITED_FOR = {
    "background.py", "hub/hub.py", "hub/feed_set.py", "hub/server.py", "hub/recorder.py", "desk/app.py",
    "feed_contract.py", "hub/capture.py", "mqtt/client/broker.py", "mqtt/hub/stream_publisher.py",
    "hub/look_back.py", "past/look_back.py", "hub/handover.py", "hub/movable_feed.py",
}  # fmt: skip
"""Files that start tasks of their own: each takes their results, so that a fault in one reaches somebody."""
STARTERS = {"create_task", "ensure_future"}


async def test_a_task_that_ends_by_a_fault_is_named_in_the_log(caplog):
    async def fails() -> None:
        raise ValueError("torn")

    async def ends() -> None:
        return

    for task in (start(fails(), "levels"), start(ends(), "waves")):
        await asyncio.wait([task])
    assert [record.getMessage() for record in caplog.records] == ["levels ended: ValueError: torn"]


async def test_work_that_must_go_on_begins_again_after_a_fault(caplog):
    begun = []

    async def work() -> None:
        begun.append(len(begun))
        if len(begun) < 3:
            raise OSError("disk gone")
        await asyncio.Event().wait()

    task = start(keep_running(work, "configuration", again_s=0.0), "configuration")
    await until(lambda: len(begun) == 3)
    task.cancel()
    await asyncio.wait([task])
    assert [record.getMessage() for record in caplog.records] == ["configuration: OSError: disk gone; again in 0 s"] * 2


def test_no_other_file_starts_a_task_that_might_end_unseen():
    root = Path(deskmon.__file__).parent
    found = set()
    for path in root.rglob("*.py"):
        if path.is_relative_to(root / "feeds") or path.is_relative_to(root / "widgets"):
            continue  # what a feed starts in a group of tasks reaches its supervisor
        calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        names = {
            call.attr
            for call in calls
            if isinstance(call, ast.Attribute) and getattr(call.value, "id", "") == "asyncio"
        }
        if names & {"create_task", "ensure_future"}:
            found.add(path.relative_to(root).as_posix())
    assert found <= WAITED_FOR
