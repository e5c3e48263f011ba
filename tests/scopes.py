"""Which tests one process takes when several share a run."""

from __future__ import annotations

import re

from xdist.scheduler import LoadScopeScheduling

_MARKET = re.compile(r"tests/reconstructions/test_[\w.:\[]*?(\d{4}(?:[-_]\d\d){1,2})")


class Scopes(LoadScopeScheduling):
    """A module is a scope, and all tests of one reconstructed market are one, named in the file or as a parameter: it
    takes seconds to fold."""

    def _split_scope(self, nodeid: str) -> str:
        market = _MARKET.match(nodeid)
        return market[1].replace("_", "-") if market else super()._split_scope(nodeid)
