"""Markets with Chinese, Japanese and Korean names on a real terminal: as they are, aligned, and never alike."""

import json
import re
import sys

import pytest
from rich.cells import cell_len

from tests.desk.terminal import Terminal

START = 1_760_000_000_000
NAMES = ("币安人生", "我踏马来了", "龙虾", "柴犬", "비트", "BTC", "1000PEPE")


@pytest.fixture
def journal(tmp_path):
    lines = [{"type": "journal", "version": 1, "source": "recorded", "started": START}]
    for n, name in enumerate(NAMES):
        for at in (0, 1_000):
            ticker = {"type": "ticker", "ts": START + at, "venue": "binance", "symbol": f"{name}/USDT:USDT"}
            lines.append({**ticker, "last": 100.0 + 11 * n + at / 1_000})
    path = tmp_path / "names.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def rows(text):
    """(name, cells before the price) of every row of the panel of prices."""
    found = re.findall(r"^│.(.+?) +1\d\d\.\d\d ", text, re.MULTILINE)
    prices = re.findall(r"^(│.+? )1\d\d\.\d\d ", text, re.MULTILINE)
    return list(zip(found, map(cell_len, prices), strict=True))


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_names_of_wide_characters_line_up_and_never_look_alike(journal, tmp_path, locale):
    argv = ["env", f"LC_ALL={locale}", sys.executable, "-m", "deskmon", "replay", str(journal), "--speed", "max"]
    with Terminal(argv=argv, size=(90, 24), cwd=tmp_path) as terminal:
        terminal.until("PAUSED")
        terminal.press("z")
        terminal.until(lambda text: text.count("binance") == len(NAMES))
        text = terminal.text.replace("|", "│") if locale == "C" else terminal.text
        terminal.press("q")
        terminal.until_ended()
    shown = [name for name, _ in rows(text)]
    assert len(set(shown)) == len(NAMES)
    assert len({cells for _, cells in rows(text)}) == 1
    if locale == "C":
        assert terminal.raw.isascii()
        assert {len(name) for name in shown if name.startswith("#")} == {4, 8, 10}
    else:
        assert set(shown) == set(NAMES)
