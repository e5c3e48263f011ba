"""The documents: each page has its place on the site, its links lead somewhere, and its commands are deskmon's."""

from __future__ import annotations

import re
import shlex
import unicodedata
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
import tomli

from deskmon.analytics.wave_settings import Parameters
from deskmon.cli.parser import parse
from deskmon.events.desk import FeedState, LevelKind, LevelStatus, WaveState
from deskmon.events.market import PositionSide
from deskmon.events.stream import Source
from deskmon.model import coverage
from tools.docs_site import MADE, OUTSIDE, ROOT, components, pages

FENCE = re.compile(r"^( *)```(?P<language>[^\n]*)\n(?P<block>.*?)^\1```", re.MULTILINE | re.DOTALL)
PAGES = pages()


@cache
def text(page: Path) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """The page without its fenced blocks and code."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text(page)))


def on_github(heading: str) -> str:
    """The anchor of a heading on GitHub."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def on_the_site(heading: str) -> str:
    """The anchor of a heading on the site: the `slugify` of Python-Markdown."""
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


@cache
def anchors(page: Path) -> set[str]:
    """Anchors that lead to a heading of the page on GitHub as on the site."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text(page)), re.MULTILINE)
    plain = [re.sub(r"[`*]", "", heading) for heading in headings]
    return {on_github(heading) for heading in plain} & {on_the_site(heading) for heading in plain}


def links(page: Path) -> list[str]:
    return [target for target in re.findall(r"\]\(<?([^)\s>]+)>?\)", prose(page)) if "://" not in target]


def placed(entries: list[object]) -> list[str]:
    """The pages of the navigation, in its order."""
    found: list[str] = []
    for entry in entries:
        inner = next(iter(entry.values())) if isinstance(entry, dict) else entry
        found += placed(inner) if isinstance(inner, list) else [str(inner)]
    return found


def test_every_page_stands_once_in_the_navigation() -> None:
    project = tomli.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
    assert sorted(placed(project["nav"])) == sorted(map(str, [*PAGES, *MADE]))


def test_links_and_anchors_lead_somewhere() -> None:
    for page, target in [(each, target) for each in PAGES for target in links(each)]:
        path, _, anchor = target.partition("#")
        there = (ROOT / page.parent / path).resolve().relative_to(ROOT) if path else page
        assert there in MADE or (ROOT / there).is_file(), f"{page}: {target}"
        assert there.parts[0] == "docs" or str(there) in OUTSIDE, f"{page}: {target} isn't on the site"
        assert not anchor or anchor in anchors(there), f"{page}: {target}"


def test_every_page_is_short_enough_to_read() -> None:
    made = ("config.md", "CHANGELOG.md")
    written = [page for page in PAGES if page.name not in made and not page.name.endswith("-report.md")]
    assert not [page for page in written if text(page).count("\n") > 200], "make two pages of each"


def test_an_anchor_that_differs_on_the_site_is_none() -> None:
    assert on_github("A · b") != on_the_site("A · b")
    assert on_github("Its own process") == on_the_site("Its own process") == "its-own-process"


def test_files_that_pages_name_are_there() -> None:
    pages = "\n".join(map(text, PAGES))
    named = re.findall(r"`((?:tests|benchmarks|tools|widgets|feeds|deskmon(?!/v1))/[\w/.]*)`", pages)
    modules = re.findall(r"python -m ((?:tests|benchmarks|tools)[\w.]*)", pages)
    files = named + [f"{name.replace('.', '/')}.py" for name in modules]
    assert not [name for name in files if not (ROOT / name).exists()]


def test_the_reference_has_every_kit_and_the_modules_of_components() -> None:
    shown = re.findall(r"^::: (\S+)$", "\n".join(map(text, PAGES)), re.MULTILINE)
    assert sorted(shown) == ["deskmon.api", "deskmon.events", "deskmon.feedkit", "deskmon.journal", "deskmon.testing"]
    assert {"::: deskmon.components.text", "::: deskmon.components.waves"} <= set(components().splitlines())


def test_the_table_of_floors_is_that_of_import_linter() -> None:
    contracts = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if contract["name"] == "Floors"]
    section = text(Path("docs/architecture.md")).partition("## Floors")[2]
    rows = [re.findall(r"`([\w.]+)`", line.split("|")[1]) for line in section.splitlines() if line.startswith("| `")]
    assert rows == [[name.removeprefix("deskmon.") for name in layer.split(" : ")] for layer in layers]


def test_every_parameter_of_waves_says_what_it_trades_and_its_default() -> None:
    page = text(Path("docs/metrics/waves-tuning.md"))
    rows = dict(re.findall(r"^\| `(\w+)` \(\$?([\d.,]+M?)\)", page, re.MULTILINE))
    told = {name: float(value.replace(",", "").replace("M", "e6")) for name, value in rows.items()}
    assert told == {name: getattr(Parameters(), name) for name in Parameters.__struct_fields__}


@pytest.mark.parametrize("words", [FeedState, WaveState, LevelKind, LevelStatus, Source, PositionSide])
def test_the_glossary_has_the_words_of_states(words: object) -> None:
    page = text(Path("docs/glossary.md"))
    assert set(get_args(words)) - {"removed"} <= {
        word for bold in re.findall(r"\*\*(.+?)\*\*", page) for word in bold.split(", ")
    }


def test_the_coverage_of_venues_is_that_of_the_model() -> None:
    stale = "docs/metrics/time.md is stale: put in what deskmon.model.coverage.markdown() says"
    assert coverage.markdown() in text(Path("docs/metrics/time.md")), stale


def commands(block: str) -> list[list[str]]:
    """The arguments of each call of deskmon in a block of shell commands or of a session (`$ deskmon …`)."""
    lines = block.replace("\\\n", " ").splitlines()
    session = any(line.startswith("$ ") for line in lines)
    found = []
    for line in lines:
        if "deskmon" not in line or (session and not line.startswith("$ ")):
            continue
        lexer = shlex.shlex(line.removeprefix("$ "), posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words: list[str] = []
        for word in [*lexer, ";"]:
            if set(word) <= set("();<>|&"):
                found += called(words)
                words = []
            else:
                words.append(word)
    return found


def called(words: list[str]) -> list[list[str]]:
    """The arguments where the words call deskmon, as another user or with variables too."""
    while words and "=" in words[0]:
        words = words[1:]
    if words[:2] == ["sudo", "-u"]:
        words = words[3:]
    return [words[1:]] if words and Path(words[0]).name == "deskmon" else []


def spans(page: Path) -> list[str]:
    """Commands between backticks; with brackets, or with capitals in place of a choice, they only show a shape."""
    found = re.findall(r"`(deskmon [^`\n]+)`", FENCE.sub("", text(page)))
    found = [f"{span} --help" if span.count(" ") == 1 else span for span in found]  # only names the command
    return [span for span in found if not re.search(r"[\[|…]|(list|new|bench|config|deskmon) [A-Z]", span)]


def blocks(page: Path) -> list[str]:
    return [fence["block"] for fence in FENCE.finditer(text(page)) if fence["language"] in ("", "sh")]


CALLS = [(page, call) for page in PAGES for block in blocks(page) + spans(page) for call in commands(block)]


def test_commands_in_blocks_are_understood() -> None:
    for page, arguments in CALLS:
        try:
            parse(arguments)
        except SystemExit as ended:
            assert ended.code == 0, f"{page}: deskmon {shlex.join(arguments)}"


def test_commands_are_found_where_they_are_called() -> None:
    block = "useradd deskmon\nsudo -u deskmon /opt/bin/deskmon state --only a | jq . # deskmon none\n"
    assert commands(block) == [["state", "--only", "a"]]
    assert commands("$ deskmon check\ndeskmon: fine\n") == [["check"]]
