"""Commands called in this process: what they print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from deskmon.cli import main
from deskmon.clock import SECOND
from deskmon.past import market


@dataclass
class Result:
    status: int
    out: str
    err: str


Run = Callable[..., Result]


def one_price(folder: Path) -> str:
    """The name of a journal in the folder that holds one price."""
    (folder / "one.jsonl").write_text(
        '{"type":"journal","version":1,"source":"recorded","note":"","started":1790000000000}\n'
        '{"type":"ticker","ts":1790000000000,"venue":"bybit","symbol":"BTC/USDT:USDT","last":100.0}\n'
    )
    return "one.jsonl"


@pytest.fixture
def run(elsewhere: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("check", "x.toml")` in an empty folder → status, stdout, stderr. A look into the demo is a short one."""
    monkeypatch.setattr(market, "INTO_ENDLESS", 2 * SECOND)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LINES", "30")

    def call(*argv: str) -> Result:
        capsys.readouterr()
        try:
            status = main(argv)
        except SystemExit as leaving:
            status = int(leaving.code or 0)
        return Result(status, *capsys.readouterr())

    return call
