"""The reconstruction that a file of tests is about, by its `NAME`: folded once, shared and read only."""

from __future__ import annotations

import pytest

from tests.markets import reconstructed


@pytest.fixture(scope="module")
def market(request: pytest.FixtureRequest):
    return reconstructed(request.module.NAME)


@pytest.fixture
def timeline(market):
    return market.timeline


@pytest.fixture
def events(market):
    return market.events


@pytest.fixture
def model(market):
    return market.model


@pytest.fixture
def state(market):
    return market.state
