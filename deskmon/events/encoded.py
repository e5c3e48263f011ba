"""An event and its JSON, which is made once however many take it."""

from __future__ import annotations

import msgspec

from deskmon.events.base import Event
from deskmon.events.columns import as_text

encode_event = msgspec.json.Encoder(enc_hook=as_text).encode
"""event → bytes of one JSON object; absent and default fields are left out."""


class Encoded(msgspec.Struct, gc=False):
    """An event on its way to pipes, sockets, brokers and the journal. It is let go when all have taken it: what keeps
    the event, as the model does, doesn't keep the bytes."""

    event: Event
    made: bytes | None = None

    def json(self) -> bytes:
        """The event as one JSON object."""
        if self.made is None:
            self.made = encode_event(self.event)
        return self.made
