"""Assets of a report that no feed of the desk has: `deskmon check` names them, where that can be told offline."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskmon.feedkit import Feed

BYBIT = '[feeds.bybit]\ntype = "ccxt"\nexchange = "bybit"\nsymbols = ["BTC", "1000PEPE/USDT:USDT"]\n'
OFF = '[feeds.file]\ntype = "file"\npath = "x.csv"\nenabled = false\n'


def told(run, assets: str, feeds: str = "") -> str:
    Path("deskmon.toml").write_text(f"[report]\nassets = {assets}\n{feeds}")
    result = run("check")
    assert result.status == 0
    return result.out


def test_an_asset_that_no_feed_has_is_named_with_the_nearest_that_one_has(run, elsewhere) -> None:
    out = told(run, '["BTC", "ETX", "btc"]')
    first, second = out.splitlines()
    place, _, words = first.partition("warning: ")
    assert place == "deskmon.toml:2: report.assets[1]: "
    assert words == """no feed here has "ETX", so a report of this desk says nothing of it; did you mean 'ETH'?"""
    assert "report.assets[2]: " in second and second.endswith("did you mean 'BTC'?")
    assert told(run, '["BTC", "ETH", "XRP"]') == "deskmon.toml: fine\n"


def test_what_any_feed_that_is_on_can_bring_is_fine(run, elsewhere) -> None:
    assert 'no feed here has "ETH"' in told(run, '["ETH"]', BYBIT + OFF)
    chains = '[feeds.chains]\ntype = "option_chains"\nexchange = "bybit"\nunderlyings = ["ETH"]\n'
    for assets, feeds in (
        ('["PEPE", "BTC"]', BYBIT), ('["ETH"]', BYBIT + chains),
        ('["SOL"]', f'{BYBIT}[feeds.context]\ntype = "context"\nsources = ["etf_sol"]\n'),
    ):  # fmt: skip
        assert told(run, assets, feeds) == "deskmon.toml: fine\n"


@pytest.mark.parametrize(
    "feeds",
    [
        BYBIT + '[feeds.file]\ntype = "file"\npath = "x.csv"\n',
        BYBIT + '[feeds.usdc]\ntype = "deribit_options"\nunderlyings = ["USDC"]\n',
        BYBIT + '[mqtt]\nurl = "mqtts://broker.example/desk"\n',
        '[feeds.demo]\ntype = "demo"\n',
    ],
)
def test_nothing_is_said_where_a_source_or_another_hub_decides(run, elsewhere, feeds: str) -> None:
    assert "report.assets" in told(run, '["ZZZ"]', BYBIT)
    assert "report.assets" not in told(run, '["ZZZ"]', feeds)


class Raises(Feed):
    @classmethod
    def assets(cls, options):
        raise RuntimeError("boom")


class SaysAText(Feed):
    @classmethod
    def assets(cls, options):
        return "BTC"


class HasAnother(Feed):
    assets = ("BTC",)


@pytest.mark.parametrize("kind", [Raises, SaysAText, HasAnother])
def test_a_feed_of_others_that_tells_nothing_of_sense_is_left_out(run, elsewhere, monkeypatch, kind) -> None:
    monkeypatch.setattr("deskmon.plugins.load_feed", lambda name: kind)
    assert told(run, '["ZZZ"]', '[feeds.own]\ntype = "file"\n') == "deskmon.toml: fine\n"
