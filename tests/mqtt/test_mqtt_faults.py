"""What ends a connection to a broker: its faults in readable words, and a cancellation, whatever comes with it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from deskmon.mqtt.client.broker import Broker, publish
from deskmon.mqtt.client.topics import address

LONG = "x" * 400


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate "
            "(_ssl.c:1006)",
            "isn't trusted (unable to get local issuer certificate); look at [mqtt] ca",
        ),
        (
            "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, certificate is not valid "
            "for 'broker.a-rather-long-name.of-a-department.example.com'. (_ssl.c:1006)",
            "isn't trusted (Hostname mismatch, certificate is not valid for "
            "'broker.a-rather-long-name.of-a-department.example.com'.); look at",
        ),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)", "doesn't speak TLS; write mqtt://"),
        ("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required (_ssl.c:2580)",
         "asks for a certificate; look at [mqtt] certificate"),
        ("[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure (_ssl.c:1006)",
         "no broker at mqtts://h:8883 (sslv3 alert handshake failure)"),
        ("[Errno 111] Connection refused", "no broker at mqtts://h:8883 ([Errno 111] Connection refused)"),
        (LONG, f"({'x' * 199}…)"),
    ],
)  # fmt: skip
def test_the_cause_of_a_fault_is_whole_or_cut_at_its_end(text, words):
    assert words in Broker(address("mqtts://h/d")).words(Exception(text))


async def test_a_cancellation_that_comes_with_the_brokers_answer_is_not_lost():
    class Client:
        async def publish(self, *_, **__):
            with suppress(asyncio.CancelledError):  # as asyncio.wait_for of Python 3.11 has it
                await asyncio.Event().wait()

    task = asyncio.create_task(publish(Client(), "topic", b""))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
