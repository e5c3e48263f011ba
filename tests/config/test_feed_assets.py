"""Assets and venues come into the trader's own file by a key, and go: comments and all else stay, `check` is fine."""

from __future__ import annotations

from collections import Counter

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from deskmon.config.blocks import comments
from deskmon.config.feed_assets import choices, with_change
from deskmon.config.loading import examine, load
from deskmon.config.sources import PACKAGED
from deskmon.desk.config_writer import ConfigWriter
from deskmon.errors import DeskError
from deskmon.plugins import load_feed
from tests.length import examples

FILE = """\
# my desk
[desk]
name = "mine"  # of course

[feeds.bybit]   # the main one
type = "ccxt"
exchange = "bybit"
symbols = ["BTC", "ETH/USDT:USDT"]  # more later

# a list on lines of its own
[feeds.okx]
type = "ccxt"
exchange = "okx"
symbols = [
  "BTC",  # of course
  "SOL",
]

[feeds.chains]
type = "deribit_options"
underlyings = ["BTC", "ETH"]
enabled = false  # not now

# what comes after stays
[keys]
"desk.quit" = "Q"
"""


NAMES = ("BTC", "ETH", "SOL", "SUI", "gate", "okx", "chains")


def feeds_of(text):
    return tomli.loads(text)["feeds"]


def add(text, name):
    return with_change(text, name, take=False)[0]


def take(text, name):
    return with_change(text, name, take=True)[0]


def test_an_asset_comes_to_every_feed_that_lists_symbols_and_lacks_it():
    feeds = feeds_of(add(FILE, "sol"))
    assert feeds["bybit"]["symbols"] == ["BTC", "ETH/USDT:USDT", "SOL"]
    assert feeds["okx"]["symbols"] == ["BTC", "SOL"] and feeds["chains"] == feeds_of(FILE)["chains"]
    with pytest.raises(DeskError, match="SOL is there already"):
        add(add(FILE, "SOL"), "SOL")


def test_a_venue_comes_with_the_assets_that_the_others_have_and_one_that_was_off_is_on_again():
    feeds = feeds_of(add(FILE, "Gate"))
    assert feeds["gate"] == {"type": "ccxt", "exchange": "gate", "symbols": ["BTC", "ETH", "SOL"]}
    assert feeds_of(add(FILE, "chains"))["chains"]["enabled"] is True
    with pytest.raises(DeskError, match="okx is there already"):
        add(FILE, "okx")


def test_a_venue_is_added_by_the_exchange_of_its_derivatives_and_the_words_say_which_was_taken():
    text, words = with_change(FILE, "binance", take=False)
    assert feeds_of(text)["binance"] == {"type": "ccxt", "exchange": "binanceusdm", "symbols": ["BTC", "ETH", "SOL"]}
    assert words.startswith(
        'binance added as binanceusdm, its perpetuals and futures (exchange = "binance" is its spot)'
    )
    for venue in load_feed("ccxt").venues():
        assert load_feed("ccxt").derivatives_of(venue) in load_feed("ccxt").venues()
    renamed = FILE.replace("[feeds.bybit]", "[feeds.main]")
    with pytest.raises(DeskError, match="bybit is there already, as main"):
        add(renamed, "bybit")


def test_what_is_taken_away_leaves_its_options_and_a_feed_without_assets_is_off():
    feeds = feeds_of(take(FILE, "ETH"))
    assert feeds["bybit"]["symbols"] == ["BTC"] and feeds["okx"] == feeds_of(FILE)["okx"]
    alone = take(take(FILE, "SOL"), "okx")
    assert feeds_of(alone)["okx"]["enabled"] is False and feeds_of(alone)["okx"]["exchange"] == "okx"
    assert feeds_of(take(add(FILE, "chains"), "ETH"))["chains"]["underlyings"] == ["BTC"]
    with pytest.raises(DeskError, match="no feed"):
        take(alone, "bybit")
    with pytest.raises(DeskError, match="there is no DOGE"):
        take(FILE, "DOGE")


@pytest.mark.parametrize(("name", "words"), [
    ("bybitt", "did you mean 'bybit'"), ("a b", "neither an asset nor a venue"), ("", "neither"), ("[x]", "neither"),
])  # fmt: skip
def test_a_name_that_is_neither_is_refused_in_words(name, words):
    with pytest.raises(DeskError, match=words):
        add(FILE.replace("[feeds.bybit]", "[feeds.main]"), name)


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from(NAMES)), max_size=6),
    st.sampled_from(("\n", "\r\n")),
)
@examples(40, 400)
def test_after_any_changes_the_rest_of_the_file_is_as_it_was(steps, ending):
    text = FILE.replace("\n", ending)
    before = tomli.loads(FILE)
    for away, name in steps:
        had = Counter(comments(text))
        try:
            text = with_change(text, name, take=away)[0]
        except DeskError:
            continue
        assert not had - Counter(comments(text))
        assets, labels = choices(feeds_of(text))
        assert labels and (name in (*assets, *labels)) is not away
        assert {**tomli.loads(text), "feeds": None} == {**before, "feeds": None}
        assert text.count("\n") == text.count(ending)


@pytest.mark.parametrize("name", ["SUI", "gate"])
@pytest.mark.parametrize("text", [FILE, "", '[desk]\nname = "x"\n', None])
def test_the_result_passes_the_check_and_a_file_without_feeds_begins_with_the_packaged_ones(tmp_path, text, name):
    path = tmp_path / "deskmon.toml"
    if text is not None:
        path.write_text(text)
    said = ConfigWriter(path).market(name, take=False)
    assert said.style == "ok" and str(path) in said.text
    report = examine(path)
    assert report.problems == ()
    feeds = report.loaded.config.feeds
    assert name in (*feeds, *feeds["bybit"].options["symbols"])
    if text != FILE:
        assert {*load(PACKAGED).config.feeds} <= {*feeds}


def test_the_feeds_of_a_shared_file_a_kiosk_and_a_market_that_is_played_stay(tmp_path):
    (tmp_path / "house.toml").write_text(FILE)
    path = tmp_path / "deskmon.toml"
    path.write_text('extends = "house.toml"\n')
    said = ConfigWriter(path).market("SUI", take=False)
    assert said.style == "warn" and "the feeds are those of house.toml" in said.text
    assert path.read_text() == 'extends = "house.toml"\n' and (tmp_path / "house.toml").read_text() == FILE
    path.write_text(FILE)
    for refusing in (
        ConfigWriter(path, "this is a kiosk"), ConfigWriter(path, market="a demo's market is as it is"), ConfigWriter()
    ):  # fmt: skip
        assert refusing.market("SUI", take=False).style == "warn" and refusing.fixed_market
    assert path.read_text() == FILE


def test_a_market_that_a_feed_plays_is_as_it_is(tmp_path):
    path = tmp_path / "deskmon.toml"
    path.write_text('[feeds.only]\ntype = "demo"\n')
    for away in (False, True):
        said = ConfigWriter(path).market("only" if away else "SUI", take=away)
        assert said.style == "warn" and "only plays a market" in said.text
    assert load(path).config.feeds["only"].enabled


def test_a_comment_that_would_be_lost_and_a_feed_on_one_line_are_left_to_the_operator(tmp_path):
    path = tmp_path / "deskmon.toml"
    for text in (
        '[feeds]\nbybit = {type = "ccxt", exchange = "bybit", symbols = ["BTC"]}\n',
        'feeds.bybit.type = "ccxt"\nfeeds.bybit.exchange = "bybit"\nfeeds.bybit.symbols = ["BTC"]\n',
    ):
        path.write_text(text)
        said = ConfigWriter(path).market("SUI", take=False)
        assert said.style == "warn" and path.read_text() == text
