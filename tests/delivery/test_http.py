"""What a webhook answers, or doesn't, and what becomes of it."""

from __future__ import annotations

import asyncio

import pytest

from deskmon.clock import HOUR
from deskmon.delivery.answer import http_answer
from deskmon.delivery.http import http_address, request
from deskmon.delivery.notice import message
from deskmon.delivery.webhook import Ntfy, Webhook
from deskmon.errors import ConfigError
from tests.delivery.builders import T0, notice
from tests.delivery.receiver import receiver
from tests.ports import reserve_port

MADE = message("phone", [notice("lost", text="BTC at 84,990", severity="page")], T0, "desk", "alerts")


async def test_a_webhook_gets_the_message_as_json_with_its_id():
    async with receiver() as hook:
        answer = await Webhook(hook.url, "t0ken", "alerts.routes.phone.url").send(MADE)
    assert answer.taken
    assert "Idempotency-Key: " + MADE.id in hook.heads[0]
    assert "Authorization: Bearer t0ken" in hook.heads[0]
    [body] = hook.bodies
    assert (body["id"], body["severity"], body["title"]) == (MADE.id, "page", "desk: lost FIRING")
    assert body["alerts"][0] | {} == {
        "rule": "lost", "state": "firing", "ts": T0, "since": T0, "severity": "page", "text": "BTC at 84,990",
    }  # fmt: skip


async def test_ntfy_gets_topic_title_text_and_priority():
    async with receiver() as hook:
        answer = await Ntfy(hook.url.replace("secret-path", "desk%20one"), None, "url").send(MADE)
    assert answer.taken
    assert hook.heads[0].startswith("POST /hook HTTP/1.1")
    assert hook.bodies == [
        {
            "topic": "desk one", "title": "desk: lost FIRING", "priority": 5, "tags": ["rotating_light"],
            "message": f"08:53:20Z lost: FIRING · BTC at 84,990\n#{MADE.id[:8]}",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "words", "retry_after"),
    [
        ("429 Too Many Requests\r\nRetry-After: 7", "HTTP 429", 7_000),
        ("503 Busy\r\nretry-after:\t0", "HTTP 503", 0),
        ("500 No", "HTTP 500", None),
        (
            "302 Found\r\nLocation: /elsewhere",
            "HTTP 302, a redirect, which isn't followed: write the new address",
            None,
        ),
        ("403 Forbidden", "HTTP 403: look at the address and the token", None),
        ("close", "127.0.0.1: closed the connection", None),
        ("hang", "127.0.0.1 doesn't answer within 0.3 s", None),
        ("drip", "127.0.0.1 doesn't answer within 0.3 s", None),
    ],
)
async def test_what_is_no_success_is_said_in_words_that_hold_no_secret(answer, words, retry_after):
    async with receiver() as hook:
        hook.answers = [answer]
        got = await request("POST", http_address(hook.url, "url"), b"{}", {}, timeout_s=0.3)
    assert (got.taken, got.words, got.retry_after) == (False, words, retry_after)


async def test_an_answer_that_is_no_http_and_a_port_without_a_server_are_said_so():
    async def ssh(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        ended.set()

    ended = asyncio.Event()
    server = await asyncio.start_server(ssh, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    got = await request("GET", http_address(f"http://127.0.0.1:{port}/", "url"), b"", {})
    await ended.wait()
    server.close()
    assert got.words == "127.0.0.1 answers what isn't HTTP"
    got = await request("GET", http_address(f"http://127.0.0.1:{reserve_port()}/", "url"), b"", {})
    assert (got.taken, "refused" in got.words) == (False, True)


def test_retry_after_is_seconds_or_a_date_and_bounded():
    assert http_answer(429, "99999", T0).retry_after == HOUR
    assert http_answer(429, "Thu, 09 Oct 2025 08:54:20 GMT", T0).retry_after == 60_000
    assert http_answer(429, "Thu, 09 Oct 2025 08:00:00 GMT", T0).retry_after == 0
    assert http_answer(429, "soon", T0).retry_after is None


@pytest.mark.parametrize("url", ["ftp://h/x", "http:///x", "https://h:0/", "h/x", "http://h/a b", "http://h/\x07"])
def test_an_address_that_is_none_is_refused_and_not_repeated(url):
    with pytest.raises(ConfigError, match="no address of HTTP") as caught:
        http_address(url, "alerts.routes.phone.url")
    assert url not in str(caught.value)


def test_an_address_with_a_password_is_refused_and_not_repeated():
    with pytest.raises(ConfigError, match="no password") as caught:
        http_address("https://me:geheim@h/x", "alerts.routes.phone.url")
    assert "geheim" not in str(caught.value)
    with pytest.raises(ConfigError, match="no topic"):
        Ntfy("https://ntfy.example", None, "alerts.routes.phone.url")
