"""What a desk's hubs know of the outbox of the one that sends, so that another goes on where it ended."""

from __future__ import annotations

import msgspec

from deskmon.delivery.notice import Message, Notice

MOST_KNOWN, MOST_DONE, MOST_LOOSE = 1_000, 300, 1_000
"""Of each what is shared, the newest: a message of a broker is no database."""
MOST_BYTES = 1024 * 1024
"""Of messages that wait; what is beyond them, days of a dead route, only the hub's own disk has."""
SAME_MS = 5_000
"""Two hubs judge the same market some moments apart: what began within so long of each other is one transition."""


class SharedOutbox(msgspec.Struct, frozen=True):
    """As of `at` (ms): transitions in the outbox, the newest first, as (route, rule, state, since in ms), ids of
    messages that wait no more, messages that wait, and transitions of no message yet, each with its route."""

    at: int = 0
    known: tuple[tuple[str, str, str, int], ...] = ()
    done: tuple[str, ...] = ()
    waiting: tuple[Message, ...] = ()
    loose: tuple[tuple[str, Notice], ...] = ()

    def states(self) -> dict[str, str]:
        """By rule the state that was told last."""
        return {rule: state for _, rule, state, _ in reversed(self.known)}


decode = msgspec.json.Decoder(SharedOutbox).decode
"""bytes of JSON → SharedOutbox. Raises msgspec.DecodeError."""
