"""Whatever a file holds, the answer is a list of problems or a configuration, never a crash."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from deskmon.colours.theme import load_theme
from deskmon.config.files import edit
from deskmon.config.loading import examine
from deskmon.config.reading import MOST_BYTES
from deskmon.desk.keys import ALL_KEYS
from deskmon.errors import DeskError
from tests.length import examples

WORDS = (
    "desk", "model", "journal", "feeds", "layouts", "keys", "name", "symbol", "layout", "theme", "fps", "path", "type",
    "enabled", "exchange", "symbols", "channels", "poll", "options", "rows", "columns", "cells", "panel", "row",
    "column", "ccxt", "demo", "replay", "tape", "prices", "bybit", "BTC", "desk.quit", "default", "dark", "",
)  # fmt: skip
words = st.sampled_from(WORDS) | st.text(max_size=4)
scalars = (
    words
    | st.booleans()
    | st.integers(-(2**40), 2**70)
    | st.integers(-2, 4)
    | st.floats()
    | st.dates()
    | st.datetimes()
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4), max_leaves=12
)
cells = st.dictionaries(
    st.sampled_from(("panel", "row", "column", "rows", "columns", "options")), scalars | values, max_size=6
)
files = st.fixed_dictionaries(
    {},
    optional={
        "desk": st.dictionaries(words, scalars, max_size=4) | values,
        "model": values,
        "journal": values,
        "feeds": st.dictionaries(words, st.dictionaries(words, values, max_size=5), max_size=3) | values,
        "layouts": st.dictionaries(
            words,
            st.fixed_dictionaries({}, optional={"rows": values, "cells": st.lists(cells, max_size=4)}),
            max_size=2,
        )
        | values,
        "keys": st.dictionaries(words, values, max_size=3) | values,
        "other": values,
    },
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any") / "desk.toml"


def judged(path: Path) -> None:
    report = examine(path, desk_keys=ALL_KEYS)
    assert (report.loaded is None) == any(problem.severity == "error" for problem in report.problems)
    for problem in report.problems:
        assert "\n" not in str(problem)
        assert problem.message


@examples(60, 300)
@given(files)
def test_any_table(path: Path, data: dict[str, Any]) -> None:
    path.write_text(tomlkit.dumps(data), encoding="utf-8")
    judged(path)


@examples(60, 200)
@given(st.binary(max_size=200) | st.text(alphabet="[]{}=.\"'\n #abdesk1-:T", max_size=60).map(str.encode))
def test_any_bytes(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    judged(path)


@examples(60, 200)
@given(st.text(max_size=40) | st.tuples(words, words, scalars).map(lambda t: f"{t[0]}.{t[1]}={t[2]}"))
def test_any_set(path: Path, text: str) -> None:
    path.write_text("")
    report = examine(path, [text], desk_keys=ALL_KEYS)
    for problem in report.problems:
        assert problem.message


def test_what_is_no_plain_file_or_has_no_end_is_refused_and_blocks_nobody(tmp_path: Path) -> None:
    pipe, large = tmp_path / "pipe.toml", tmp_path / "large.toml"
    os.mkfifo(pipe)
    large.write_bytes(b"# " + b"x" * MOST_BYTES)
    own = tmp_path / "own.toml"
    for path, reason in ((pipe, "no plain file"), (Path("/dev/zero"), "no plain file"), (large, "larger than")):
        own.write_text(f'extends = "{path}"\n', encoding="utf-8")
        for file in (path, own):
            problems = examine(str(file), desk_keys=ALL_KEYS).problems
            assert any(reason in str(problem) for problem in problems), file
        with pytest.raises(DeskError, match=reason):
            edit(path, lambda text: text, "")
        with pytest.raises(DeskError, match=reason):
            load_theme(path)
