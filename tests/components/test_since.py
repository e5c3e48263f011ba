"""The column of since: its phrase is whole where there is room."""

from __future__ import annotations

import pytest

from deskmon.clock import DAY
from deskmon.components.since import return_words, since_cell, since_column, since_phrase
from deskmon.model.figures import Since
from deskmon.samples import NOW

WORDS = [return_words(name, sign) for name in ("1d", "7d", "30d") for sign in (-1.0, 1.0)]


@pytest.mark.parametrize("words", [*WORDS, ("highest", "lowest")])
@pytest.mark.parametrize("extreme", ["high", "low"])
def test_every_phrase_fits_into_the_column_where_it_may_grow(words, extreme):
    last, history_from = NOW - 300 * DAY, NOW - 1_500 * DAY
    since = Since(rank=99.0, percentile=99.0, extreme=extreme, last=last, n=1_234, history_from=history_from)
    draw, _ = since_cell(NOW, (since, words))
    assert draw(since_column(24).most) == since_phrase(since, words)
