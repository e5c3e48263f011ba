"""The wire between hub and screen: frames of a 4-byte big-endian length and that many bytes of JSON.

From the hub a frame is an array of events or, an object, a reply; from a screen one request. A newer hub may send kinds
and fields that this screen doesn't know: they are skipped and counted, the rest is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, get_args

import msgspec

from deskmon import events as vocabulary
from deskmon.errors import DeskError
from deskmon.events import Event, StreamEvent, encode_event
from deskmon.transport.requests import MALFORMED

MAX_FRAME = 64 * 1024 * 1024
"""Bytes of the longest frame; a longer one isn't ours."""

_HEAD = 4
_PULSE = b'[{"type":"pulse",'
_FOREIGN = "what arrives isn't deskmon's wire format"
_REMEDY = "check that the other side is a deskmon hub of this version"


def pack(payload: bytes) -> bytes:
    """One frame around `payload`."""
    return len(payload).to_bytes(_HEAD, "big") + payload


def pack_events(events: Sequence[Event]) -> bytes:
    """One frame that carries `events`."""
    return pack(encode_event(events))


def pack_array(objects: Iterable[bytes]) -> bytes:
    """The same of events that are JSON objects already."""
    return pack(b"[%b]" % b",".join(objects))


def is_heartbeat(payload: bytes) -> bool:
    """Whether the payload of a frame begins with a pulse."""
    return payload.startswith(_PULSE)


def pack_message(message: msgspec.Struct) -> bytes:
    """One frame that carries a request or a reply."""
    return pack(msgspec.json.encode(message))


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
            return [*vocabulary.decode_batch(payload)]  # made at the first batch, which no screen waits for
        except msgspec.ValidationError:
            return self._one_by_one(payload)
        except MALFORMED as fault:
            raise DeskError(f"{_FOREIGN}: {fault}", _REMEDY) from fault

    def _one_by_one(self, payload: bytes) -> list[Event]:
        try:
            items = msgspec.json.decode(payload, type=list[Any])
        except MALFORMED as fault:
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
