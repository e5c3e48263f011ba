"""Which path the feeds of a test take: our own by default, both where its module is marked `both_paths`."""

import pytest

from tests.ccxt import desk


@pytest.fixture(autouse=True)
def path(request, monkeypatch):
    """The path, "own" or "ccxt"."""
    chosen = getattr(request, "param", "own")
    monkeypatch.setattr(desk, "native", chosen == "own")
    return chosen
