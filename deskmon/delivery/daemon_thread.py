"""A try to send that blocks, beside the loop, in a thread that nobody waits for when the process ends."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future

from deskmon.delivery.answer import Answer

log = logging.getLogger(__name__)


async def in_daemon_thread(call: Callable[[], Answer], name: str, timeout_s: float) -> Answer:
    """What `call` answers, at the latest after `timeout_s`; what it raises is an answer too. A pool's threads would
    hold the process at its end, and a hanging one would take another's place."""
    result: Future[Answer] = Future()
    result.set_running_or_notify_cancel()

    def work() -> None:
        try:
            answer = call()
        except Exception as fault:  # noqa: BLE001 - a library of a hundred services may raise anything
            log.error("%s: %s", name, type(fault).__name__)
            answer = Answer(False, f"failed with a {type(fault).__name__}")
        result.set_result(answer)

    threading.Thread(target=work, name=name, daemon=True).start()
    try:
        async with asyncio.timeout(timeout_s):
            return await asyncio.wrap_future(result)
    except TimeoutError:
        return Answer(False, f"doesn't end within {timeout_s:g} s")
