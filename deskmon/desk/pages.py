"""The drill stack: pages of panels, the layout at the bottom, a breadcrumb through them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from deskmon.components.panel import Drill, Panel
from deskmon.config.schema import Cell, Layout
from deskmon.desk.host import PanelHost
from deskmon.errors import DeskError


class Page(msgspec.Struct):
    """Panels on a grid; a drilled page has one cell."""

    crumb: str
    layout: Layout
    hosts: list[PanelHost]
    focus: int = 0
    zoomed: bool = False
    drill: Drill | None = None
    """What opened it; None of a layout."""

    @property
    def focused(self) -> PanelHost | None:
        """The panel that keys go to."""
        return self.hosts[self.focus] if self.hosts else None

    def start(self) -> None:
        """Make the panels that aren't made yet: while the market is on its way, nobody waits for that."""
        for host in self.hosts:
            host.start()

    def move(self, step: int) -> None:
        """Focus the next (+1) or the previous (−1) panel, around the ends."""
        if self.hosts:
            self.focus = (self.focus + step) % len(self.hosts)


def _same(one: Cell, other: Cell) -> bool:
    return one.panel == other.panel and one.options == other.options


def standalone_title(name: str, load_panel: Callable[[str], type[Panel]]) -> str:
    """The title of a panel that can be opened without options; empty for a page of something, or a broken plug-in."""
    try:
        panel = load_panel(name)
    except DeskError:
        return ""
    return "" if any(field.required for field in msgspec.structs.fields(panel.Options)) else panel.title


MOST_PAGES = 20
"""Pages on top of a layout; beyond, the one that was opened first leaves."""


def with_page(pages: Sequence[Page], page: Page) -> list[Page]:
    """The stack once `page` was opened from its top. One that is open already is gone back to, so that pages which lead
    into each other make no endless chain."""
    for at, known in enumerate(pages):
        if page.drill and known.drill and (known.drill.panel, known.drill.options) == (
            page.drill.panel, page.drill.options
        ):  # fmt: skip
            return list(pages[: at + 1])
    layout, *above = pages
    return [layout, *[*above, page][-MOST_PAGES:]]


def restart(pages: Sequence[Page], panel: str) -> bool:
    """Make every panel of this name afresh; True where each could be made."""
    hosts = [host for page in pages for host in page.hosts if host.name == panel]
    for host in hosts:
        host.restart()
    return not any(host.broken for host in hosts)


class PageMaker(msgspec.Struct):
    """Makes pages; panels are found by name and made under their host's guard."""

    load_panel: Callable[[str], type[Panel]]
    perf: Callable[[], float] = time.perf_counter
    log: Callable[[str], None] = msgspec.field(default=lambda text: None)

    def layout(self, name: str, layout: Layout, before: Page | None = None) -> Page:
        """The page of a layout. Panels that stood on the page `before` with the same options come along as they are."""
        known = list(zip(before.layout.cells, before.hosts, strict=True)) if before else []
        hosts = []
        for cell in layout.cells:
            at = next((i for i, (old, _) in enumerate(known) if _same(old, cell)), None)
            hosts.append(self.host(cell.panel, cell.options) if at is None else known.pop(at)[1])
        focus = min(before.focus, max(0, len(hosts) - 1)) if before else 0
        return Page(name, layout, hosts, focus, before.zoomed if before else False)

    def drilled(self, drill: Drill) -> Page:
        """The page that a drill asks for."""
        layout = Layout(cells=(Cell(panel=drill.panel),))
        return Page(drill.label or drill.panel, layout, [self.host(drill.panel, drill.options)], drill=drill)

    def single(self, crumb: str, panel: Panel) -> Page:
        """A page of a panel that exists already."""
        host = PanelHost(panel.name, lambda: panel, perf=self.perf, log=self.log)
        return Page(crumb, Layout(cells=(Cell(panel=panel.name),)), [host])

    def host(self, name: str, options: dict[str, Any]) -> PanelHost:
        """A host whose panel is named `name`."""

        def make() -> Panel:
            panel = self.load_panel(name)
            return panel(msgspec.convert(options, panel.Options))

        return PanelHost(name, make, perf=self.perf, log=self.log)
