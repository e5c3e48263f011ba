"""What a desk's hubs know of the outbox of the one that sends, so that another goes on where it ended."""

from __future__ import annotations

import msgspec

from deskmon.delivery.notice import Message, Notice

MOST_KNOWN, MOST_SENT, MOST_WAITING, MOST_LOOSE = 300, 100, 20, 100
"""Of each what is shared, the newest: a message of a broker is no database."""
SAME_MS = 5_000
"""Two hubs judge the same market some moments apart: what began within so long of each other is one transition."""


class SharedOutbox(msgspec.Struct, frozen=True):
    """Transitions in the outbox, the newest first, as (route, rule, state, since in ms), ids of messages that were
    sent, messages that wait, and transitions of no message yet, each with its route."""

    known: tuple[tuple[str, str, str, int], ...] = ()
    sent: tuple[str, ...] = ()
    waiting: tuple[Message, ...] = ()
    loose: tuple[tuple[str, Notice], ...] = ()

    def states(self) -> dict[str, str]:
        """By rule the state that was told last."""
        return {rule: state for _, rule, state, _ in reversed(self.known)}


decode = msgspec.json.Decoder(SharedOutbox).decode
"""bytes of JSON → SharedOutbox. Raises msgspec.DecodeError."""
