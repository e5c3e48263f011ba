"""ccxt is imported before the first test: on a busy machine that takes longer than a test waits for an event."""

import pytest

from deskmon.feeds.ccxt.exchanges import load_class


@pytest.fixture(scope="session", autouse=True)
def _ccxt():
    load_class("htx")
