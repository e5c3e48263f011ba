"""Which tests one process takes when several share a run."""

from __future__ import annotations

import re

from xdist.scheduler import LoadScopeScheduling

_DAY = re.compile(r"tests/reconstructions/test_\d{4}_\d\d_\d\d")


class Scopes(LoadScopeScheduling):
    """A module is a scope, and all modules of one reconstructed day are one: its market takes seconds to fold."""

    def _split_scope(self, nodeid: str) -> str:
        day = _DAY.match(nodeid)
        return day[0] if day else super()._split_scope(nodeid)
