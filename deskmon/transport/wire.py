"""The wire between hub and screen: frames of a 4-byte big-endian length and that many bytes of JSON.

From the hub a frame is an array of events or, an object, a reply; from a screen one request. A newer hub may send kinds
and fields that this screen doesn't know: they are skipped and counted, the rest is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args

import msgspec

from deskmon.analytics.level_settings import Pinned
from deskmon.errors import DeskError
from deskmon.events import Event, StreamEvent, decode_batch, encode_event

MAX_FRAME = 64 * 1024 * 1024
"""Bytes of the longest frame; a longer one isn't ours."""

_HEAD = 4
_FOREIGN = "what arrives isn't deskmon's wire format"
_REMEDY = "check that the other side is a deskmon hub of this version"

_MALFORMED = (ValueError, RecursionError)  # msgspec.DecodeError and UnicodeDecodeError are ValueErrors

Do = Literal["pause", "play", "step", "seek", "speed", "watch", "pin", "reload"]
Asked = float | str | Pinned | None


class Request(msgspec.Struct, frozen=True):
    """What a screen asks of its private hub. `watch` names what it looks at in a live market, apart by blanks; `pin` is
    a level that a key pinned, `reload` a configuration as JSON; to the others the player gives `value` its meaning."""

    do: Do
    value: float | str | None = None
    pin: Pinned | None = None


class BrokerRequest(msgspec.Struct, frozen=True):
    """What any screen may ask of a hub. `id` is the screen's own, and comes back in the reply."""

    id: int
    do: Literal["snapshot"]


class Reply(msgspec.Struct, frozen=True):
    """What a hub says to a request, or to one who connects: whether it is done, else why not. `id` is the request's."""

    ok: bool
    text: str = ""
    id: int | None = None


def pack(payload: bytes) -> bytes:
    """One frame around `payload`."""
    return len(payload).to_bytes(_HEAD, "big") + payload


def pack_events(events: Sequence[Event]) -> bytes:
    """One frame that carries `events`."""
    return pack(encode_event(events))


def pack_array(objects: Iterable[bytes]) -> bytes:
    """The same of events that are JSON objects already."""
    return pack(b"[%b]" % b",".join(objects))


def pack_request(do: str, value: Asked = None) -> bytes:
    """One frame that asks the private hub for something. Raises DeskError where no hub could know it."""
    if do not in get_args(Do):
        raise DeskError(f"a hub can't {do!r}", f"it can {', '.join(get_args(Do))}")
    return pack(msgspec.json.encode({"do": do, "pin" if isinstance(value, Pinned) else "value": value}))


_decode_ask = msgspec.json.Decoder(BrokerRequest).decode
_decode_reply = msgspec.json.Decoder(Reply).decode


def unpack_broker_request(payload: bytes) -> BrokerRequest | None:
    """The request of a screen in one payload, None where it is none."""
    try:
        return _decode_ask(payload)
    except _MALFORMED:
        return None


def unpack_reply(payload: bytes) -> Reply | None:
    """The reply in one payload, None where it is none."""
    try:
        return _decode_reply(payload)
    except _MALFORMED:
        return None


_decode_request = msgspec.json.Decoder(Request).decode


def unpack_request(payload: bytes) -> Request:
    """The request in one payload. Raises DeskError where it is none."""
    try:
        return _decode_request(payload)
    except _MALFORMED as fault:
        raise DeskError(f"no request: {fault}", _REMEDY) from fault


class FrameDecoder:
    """Cuts a stream of bytes into the payloads of its frames, whatever the pieces it arrives in."""

    def __init__(self, max_frame: int = MAX_FRAME) -> None:
        self._buffer = bytearray()
        self._max = max_frame

    def feed(self, data: bytes) -> list[bytes]:
        """Payloads completed by `data`, in order. Raises DeskError where a length can't be right."""
        buffer = self._buffer
        buffer += data
        payloads: list[bytes] = []
        at = 0
        while len(buffer) - at >= _HEAD:
            length = int.from_bytes(buffer[at : at + _HEAD], "big")
            if length > self._max:
                raise DeskError(f"{_FOREIGN}: a frame of {length:,} bytes", _REMEDY)
            end = at + _HEAD + length
            if len(buffer) < end:
                break
            payloads.append(bytes(buffer[at + _HEAD : end]))
            at = end
        del buffer[:at]
        return payloads


class EventDecoder:
    """Decodes payloads of events. `skipped` counts events of unknown kind or of no sense, `trimmed` unknown fields."""

    def __init__(self) -> None:
        self.skipped = 0
        self.trimmed = 0

    def decode(self, payload: bytes) -> list[Event]:
        """Events of one payload. Raises DeskError where it isn't an array of JSON objects at all."""
        try:
            return [*decode_batch(payload)]
        except msgspec.ValidationError:
            return self._one_by_one(payload)
        except _MALFORMED as fault:
            raise DeskError(f"{_FOREIGN}: {fault}", _REMEDY) from fault

    def _one_by_one(self, payload: bytes) -> list[Event]:
        try:
            items = msgspec.json.decode(payload, type=list[Any])
        except _MALFORMED as fault:
            raise DeskError(f"{_FOREIGN}: {fault}", _REMEDY) from fault
        events: list[Event] = []
        for item in items:
            known = _FIELDS.get(str(item.get("type"))) if isinstance(item, dict) else None
            if known is None:
                self.skipped += 1
                continue
            kept = {field: value for field, value in item.items() if field in known}
            try:
                events.append(msgspec.convert(kept, StreamEvent))
            except msgspec.ValidationError:
                self.skipped += 1
                continue
            self.trimmed += len(item) - len(kept)
        return events


_FIELDS: dict[object, frozenset[str]] = {
    kind.__struct_config__.tag: frozenset((*kind.__struct_encode_fields__, "type")) for kind in get_args(StreamEvent)
}
