"""A plug-in that asks for a newer version of the kit isn't loaded, and each place where it would stand says so."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import deskmon
from deskmon import api, plugins
from deskmon.errors import DeskError
from tests.commands import one_price

NEWER = deskmon.api_version + 1
ENTRY_POINTS = """\
[deskmon.panels]
newer = acme_newer:Newer
unknown_name = acme_unknown_name:Newer
current = acme_current:Newer
silent = acme_silent:Newer
worded = acme_worded:Newer
[deskmon.feeds]
newer_feed = acme_newer:Fed
"""
PLUGINS = """
from deskmon.api import Panel
from deskmon.feedkit import Feed

class Newer(Panel):
    name, title, topics = "newer", "Newer", frozenset({"prices"})

class Fed(Feed):
    name, title = "newer_feed", "Fed"
"""
CONFIG = """\
[feeds.one]
type = "replay"
path = "one.jsonl"
[desk]
layout = "mine"
[[layouts.mine.cells]]
panel = "newer"
"""
MODULES = {
    "acme_newer": f"deskmon_api = {NEWER}\n{PLUGINS}",
    "acme_unknown_name": f"from deskmon.api import Hologram\n{PLUGINS}\ndeskmon_api = {NEWER}  # Hologram\n",
    "acme_current": f"deskmon_api = {deskmon.api_version}\n{PLUGINS}",
    "acme_silent": PLUGINS,
    "acme_worded": f'deskmon_api = "1"\n{PLUGINS}',
}
REFUSED = f"needs api_version {NEWER}, this desk has {deskmon.api_version}; upgrade deskmon"


@pytest.fixture(autouse=True)
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A third party's package, last on the path."""
    info = tmp_path / "acme-1.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Acme\nVersion: 1.5\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    for name, text in MODULES.items():
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    plugins.forget()
    yield
    plugins.forget()
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.mark.parametrize("name", ["newer", "unknown_name"])
def test_a_plug_in_that_asks_for_a_newer_version_says_what_to_do(name: str) -> None:
    with pytest.raises(DeskError) as caught:
        plugins.load_panel(name)
    assert f"panel {name!r} {REFUSED}, or install an older release of acme" in str(caught.value)


def test_one_that_asks_for_this_version_or_for_none_loads() -> None:
    assert api.api_version == deskmon.api_version
    assert plugins.load_panel("current").title == plugins.load_panel("silent").title == "Newer"


def test_a_version_that_is_no_number_is_a_fault_of_the_package() -> None:
    with pytest.raises(DeskError, match=r"acme_worded\.deskmon_api is not a whole number"):
        plugins.load_panel("worded")


def test_its_cell_says_so(run) -> None:
    Path("deskmon.toml").write_text(CONFIG)
    frame = run("snapshot", "--replay", one_price(Path()), "--size", "160x20").out
    assert REFUSED.partition(";")[0] in frame


def test_check_list_and_doctor_name_it(run) -> None:
    Path("deskmon.toml").write_text(CONFIG)
    one_price(Path())
    checked = run("check")
    assert checked.status == 0 and f"deskmon.toml:7: layouts.mine.cells[0].panel: warning: panel 'newer' {REFUSED}" in (
        checked.out
    )
    assert f"panel 'newer' {REFUSED}" in run("list", "panels").out
    assert f"feed 'newer_feed' {REFUSED}" in run("list", "feeds").out
    found = [(item["state"], item["detail"]) for item in json.loads(run("doctor", "--json").out)]
    said = REFUSED.partition(";")[0]
    assert ("warn", f"panel 'newer' {said}") in found and ("warn", f"feed 'newer_feed' {said}") in found
    assert ("ok", "panel 'current' loads") in found
