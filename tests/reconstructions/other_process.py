"""Whether a reconstruction depends on the process that makes it: on a seed of hashes, on what was imported before."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterable, Sequence
from itertools import islice

from deskmon.events import Event, encode_event
from deskmon.feeds.demo.reconstructions import reconstruct


def fingerprint(events: Iterable[Event]) -> str:
    """A digest of every fifth event."""
    digest = hashlib.sha256()
    for event in islice(events, 0, None, 5):
        digest.update(encode_event(event))
    return digest.hexdigest()


def assert_another_process_makes(name: str, events: Sequence[Event]) -> None:
    code = f"from {__name__} import fingerprint_of; print(fingerprint_of({name!r}))"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == fingerprint(events)


def fingerprint_of(name: str) -> str:
    return fingerprint(reconstruct(name).events())
