"""What travels over a broker: batches of a stream, numbered by event, and snapshots in fragments. All of it JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from deskmon.errors import DeskError

MESSAGE_BYTES = 256 * 1024
"""What one message carries, about: brokers of clusters refuse more than 1 MiB as they come."""
_MOST_FRAGMENTS = 1_024


class SequencedBatch(msgspec.Struct, frozen=True):
    """Events `seq` to `next` − 1 of a stream, counted from 0; `events` is a JSON array of the contract's events."""

    seq: int
    next: int
    events: msgspec.Raw


class Fragment(msgspec.Struct, frozen=True):
    """Part `part` (from 0) of `of` of a snapshot: what the first `seq` events of the stream made of the model.

    The parts' texts together are lines, each a JSON array of events.
    """

    seq: int
    part: int
    of: int
    text: str


class LookPart(msgspec.Struct, frozen=True):
    """Message `seq` (from 0) of what one client sees that looks back by its request `look`. The texts up to one without
    `more` together are a JSON array of events."""

    look: int
    seq: int
    more: bool
    text: str


_decode_look = msgspec.json.Decoder(LookPart).decode
_decode_batch = msgspec.json.Decoder(SequencedBatch).decode
_decode_fragment = msgspec.json.Decoder(Fragment).decode


def pack_batch(seq: int, events: Sequence[bytes]) -> bytes:
    """One message of events, given as JSON objects, the first of them number `seq`."""
    return b'{"seq":%d,"next":%d,"events":[%b]}' % (seq, seq + len(events), b",".join(events))


def unpack_batch(payload: bytes) -> SequencedBatch:
    """The batch in a message. Raises DeskError where there is none."""
    try:
        batch = _decode_batch(payload)
    except (ValueError, RecursionError) as fault:
        raise DeskError(f"what arrives is no batch of a stream: {fault}") from fault
    if not 0 <= batch.seq <= batch.next:
        raise DeskError(f"what arrives is no batch of a stream: from {batch.seq} to {batch.next}")
    return batch


def pack_snapshot(seq: int, arrays: Iterable[bytes]) -> list[bytes]:
    """Messages of the snapshot after `seq` events, given as JSON arrays of events."""
    text = b"\n".join(arrays).decode()
    texts = [text[at : at + MESSAGE_BYTES] for at in range(0, len(text), MESSAGE_BYTES)]
    return [msgspec.json.encode(Fragment(seq, part, len(texts), text)) for part, text in enumerate(texts)]


def pack_look(look: int, seq: int, array: bytes) -> list[bytes]:
    """Messages of a JSON array of events for who looks back by request `look`; the first is number `seq`."""
    text = array.decode()
    texts = [text[at : at + MESSAGE_BYTES] for at in range(0, len(text), MESSAGE_BYTES)]
    return [
        msgspec.json.encode(LookPart(look, seq + number, number + 1 < len(texts), part))
        for number, part in enumerate(texts)
    ]


def unpack_look(payload: bytes) -> LookPart | None:
    """The part in a message, None where there is none."""
    try:
        return _decode_look(payload)
    except (ValueError, RecursionError):
        return None


class LookAssembler:
    """Puts together what a client sees that looks back."""

    def __init__(self) -> None:
        self._next: int | None = 0
        self._texts: list[str] = []

    @property
    def torn(self) -> bool:
        """Whether a message is missing: nothing makes sense until a snapshot begins anew with number 0."""
        return self._next is None

    def add(self, part: LookPart) -> bytes | None:
        """Take a part; the array of events once it is whole."""
        if part.seq == 0:
            self._texts = []
        elif part.seq != self._next:
            self._next = None
            return None
        self._next = part.seq + 1
        self._texts.append(part.text)
        if part.more:
            return None
        text, self._texts = "".join(self._texts), []
        return text.encode()


class SnapshotAssembler:
    """Puts fragments together. Those of an older snapshot make way for those of a newer one."""

    def __init__(self) -> None:
        self._parts: dict[int, str] = {}
        self._of = (-1, 0)

    def add(self, payload: bytes) -> tuple[int, list[bytes]] | None:
        """Take a fragment; the snapshot's number and its arrays of events once it is whole. Raises DeskError where it
        makes no sense."""
        try:
            fragment = _decode_fragment(payload)
        except (ValueError, RecursionError) as fault:
            raise DeskError(f"what arrives is no part of a snapshot: {fault}") from fault
        if not 0 <= fragment.part < fragment.of <= _MOST_FRAGMENTS or fragment.seq < 0:
            raise DeskError(f"what arrives is no part of a snapshot: {fragment.part} of {fragment.of}")
        of = (fragment.seq, fragment.of)
        if of != self._of:
            self._parts, self._of = {}, of
        self._parts[fragment.part] = fragment.text
        if len(self._parts) < fragment.of:
            return None
        text = "".join(self._parts[part] for part in range(fragment.of))
        self._parts, self._of = {}, (-1, 0)
        return fragment.seq, text.encode().split(b"\n")
