"""Lets a tape hear what goes between a ccxt exchange and its venue, as it was said. Imports ccxt."""

from __future__ import annotations

import zlib
from typing import Any

from aiohttp import WSMsgType
from ccxt.async_support.base.ws.functions import gunzip, inflate

from deskmon.feedkit import Tape


def capture(tape: Tape | None, exchange: Any) -> None:
    """Tell `tape`, where there is one, of every answer and frame of `exchange` from here on."""
    if tape is None:
        return
    made, answered = exchange.client, exchange.on_rest_response

    def client(url: str) -> Any:
        known = (exchange.clients or {}).get(url)
        found = made(url)
        if found is not known:
            _capture_frames(tape, found)
        return found

    def on_rest_response(
        code: int, reason: str, url: str, method: str, headers: Any, body: str, asked_headers: Any, asked: Any
    ) -> Any:
        tape.answered(method, url, asked if isinstance(asked, str) else None, list(asked_headers or ()), code, body)
        return answered(code, reason, url, method, headers, body, asked_headers, asked)

    exchange.client, exchange.on_rest_response = client, on_rest_response


def _capture_frames(tape: Tape, client: Any) -> None:
    handle, send = client.handle_message, client.send
    number = 0

    def connection() -> int:
        nonlocal number
        number = number or tape.connected(client.url)
        return number

    def heard(message: Any) -> None:
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            tape.received(connection(), message.data, _text(client, message.data))
        handle(message)

    async def sent(message: Any) -> Any:
        tape.sent(connection(), message)
        return await send(message)

    client.handle_message, client.send = heard, sent


def _text(client: Any, data: str | bytes) -> str | None:
    """The text of a frame as ccxt will read it, None where it holds none."""
    if isinstance(data, str):
        return data
    try:
        if client.gunzip:
            data = gunzip(data)
        elif client.inflate:
            data = inflate(data)
        return data if isinstance(data, str) else data.decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        return None
