"""Since when each comparison stands as it does. Like a rule's state it outlasts what nobody can tell: a comparison that
held, was unknown for a minute and holds again has held since before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec


class LegTime(msgspec.Struct, omit_defaults=True):
    """`met` as it was known last, `since` when (ms); `unknown_since`: from when nobody can tell, None where one can."""

    met: bool | None = None
    since: int = 0
    unknown_since: int | None = None

    @property
    def told(self) -> int:
        """Since when (ms) it stands as it does now."""
        return self.since if self.unknown_since is None else self.unknown_since


class LegTimes:
    """Times by the comparison as it is written, whichever rules have it."""

    def __init__(self) -> None:
        self.by_text: dict[str, LegTime] = {}

    def note(self, text: str, met: bool | None, now: int) -> None:
        """Take what a comparison says at desk time `now` (ms)."""
        held = self.by_text.get(text)
        if held is None:
            held = self.by_text[text] = LegTime()
        if met is None:
            if held.unknown_since is None:
                held.unknown_since = now
            return
        held.unknown_since = None
        if met is not held.met:
            held.met, held.since = met, now

    def since(self, text: str) -> int:
        """Since when (ms) a comparison that was noted stands as it does."""
        return self.by_text[text].told

    def keep_only(self, texts: Iterable[str]) -> None:
        """Forget what no rule has any more."""
        self.by_text = {text: self.by_text[text] for text in texts if text in self.by_text}

    def restore(self, data: Any) -> None:
        """Know what `by_text` held, as builtins. Raises msgspec.ValidationError, a ValueError, for anything else."""
        self.by_text = msgspec.convert(data, dict[str, LegTime])

    def take(self, others: Mapping[str, LegTime]) -> None:
        """Take what another hub knows of the comparisons that this one has: it has watched for longer."""
        self.by_text |= {text: held for text, held in others.items() if text in self.by_text}
