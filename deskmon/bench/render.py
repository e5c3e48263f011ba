"""Render: bytes to the terminal, a figure and a minute, and the CPU of a screen beside a bare Textual line widget."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from msgspec import structs
from rich.console import Console
from textual.app import App

from deskmon.bench.board import CELL, HEIGHT, WIDTH, Board, BoardApp
from deskmon.bench.pty import PtyChild
from deskmon.config.schema import Cell, Layout
from deskmon.garbage import keep_collections_short
from deskmon.terminal.display import ThinDisplay
from deskmon.terminal.driver import ThinDriver
from deskmon.terminal.grids import Terminal

FPS = 4.0
FIGURES = 120
"""Figures of nine characters that change in a frame of a cascade."""

WARM_UP_S, MEASURED_S, PATIENCE_S = 8.0, 10.0, 40.0
SEEK_AFTER_S = 3.0
CASCADE = "+1m50s"
"""A moment of the simulated market's cascade."""

CALM_S, CASCADE_S = 45.0, 60.0
"""How long the default layout is watched; the simulated market is calm for its first minute."""
SETTLED_S = 11.0
"""Until panels have found their places, ten seconds after all have figures."""
LOOK_S = 0.1
"""How often it is looked whether a subject shows its market: a machine under load takes longer to, and the first screen
is none of a calm minute's bytes."""

PANELS = ("prices", "liquidations", "tape", "feeds")
ROUNDS = 3

MOST_BYTES_PER_CELL = 22.0
MOST_FIRST_SCREEN_KIB = 12.0
MOST_FIRST_SCREEN_WITHOUT_REP_KIB = 16.0
MOST_CPU_RATIO = 1.4
MOST_CASCADE_KIB_S = 4.0
MOST_CALM_KIB_S = 0.6

_ALL = 1 << 30


class ThinBoard(ThinDisplay[None], BoardApp):
    """The board, displayed as the desk is."""


def board(figures: float) -> App[Any]:
    """The board under the thin driver."""
    return ThinBoard(round(figures), FPS, ThinDriver)


def floor(figures: float) -> App[Any]:
    """The board under Textual's own driver: a bare line widget."""
    return BoardApp(round(figures), FPS)


def desk(figures: float) -> App[Any]:
    """The desk itself, twelve panels on the simulated market, taken into its cascade; it changes what it changes."""
    return _demo(CASCADE, _twelve())


def cascade(figures: float) -> App[Any]:
    """The desk in its default layout, taken into the cascade."""
    return _demo(CASCADE)


def calm(figures: float) -> App[Any]:
    """The desk in its default layout, from the beginning of the simulated market on."""
    return _demo()


def _demo(seek: str = "", layout: Layout | None = None) -> App[Any]:
    from deskmon.cli.parser import parse
    from deskmon.cli.session import on_demo, private_link
    from deskmon.config.sources import PACKAGED
    from deskmon.desk.app import DeskApp

    keep_collections_short()
    args = parse(["demo", "--config", str(PACKAGED)])
    config = on_demo(args, "")
    if layout is not None:
        config = structs.replace(config, layouts={"default": layout})
    link = private_link(config, args)
    app = DeskApp(config, link)
    if seek:
        app.call_later(lambda: app.set_timer(SEEK_AFTER_S, lambda: link.command("seek", seek)))
    return app


def _twelve() -> Layout:
    rows, columns = (1.0, 1.0, 1.0), (1.0, 1.0, 1.0, 1.0)
    cells = [Cell(panel=PANELS[i % len(PANELS)], row=i // 4, column=i % 4) for i in range(12)]
    return Layout(rows=rows, columns=columns, cells=tuple(cells))


SUBJECTS: dict[str, Callable[[float], App[Any]]] = {
    "desk": desk, "board": board, "floor": floor, "cascade": cascade, "calm": calm,
}  # fmt: skip
"""What can be run in a child: given the figures a frame it should change, where it can be told, the app."""

SUBJECT = "desk"


@dataclass(frozen=True, slots=True)
class Report:
    """What a child measured of itself: CPU seconds of so many seconds, and for the thin driver what was sent in them
    (bytes, characters that differed, finished frames) and the bytes of its whole screen painted afresh, with REP and
    without."""

    cpu_s: float
    seconds: float
    bytes: int = 0
    characters: int = 0
    frames: int = 0
    whole_screen_bytes: tuple[int, int] = (0, 0)

    @property
    def cells_per_frame(self) -> float:
        """Cells of nine characters that differed in a finished frame, on average."""
        return self.characters / self.frames / CELL

    @property
    def kib_per_s(self) -> float:
        """KiB sent a second."""
        return self.bytes / 1024 / self.seconds

    @property
    def bytes_per_cell(self) -> float:
        """Bytes sent for nine characters that differed."""
        return self.bytes / self.characters * CELL


def run() -> dict[str, Any]:
    """Bytes of the board are counted in memory; the desk and the bare widget run by turns, in children; then the two
    minutes beside each other, as bytes don't depend on how fast the machine is."""
    sent = board_bytes()
    subjects, floors = [], []
    for _ in range(ROUNDS):
        subjects.append(measure(SUBJECT, FIGURES))
        floors.append(measure("floor", subjects[-1].cells_per_frame))
    subject, bare = min(subjects, key=lambda r: r.cpu_s), min(floors, key=lambda r: r.cpu_s)
    ratio = subject.cpu_s / bare.cpu_s
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(measure, "calm", 0.0, SETTLED_S, CALM_S)
        cascading = measure("cascade", 0.0, WARM_UP_S, CASCADE_S).kib_per_s
        calm_kib_s = waiting.result().kib_per_s
    per_cell = max(sent.per_cell, subject.bytes_per_cell)
    first, plain = (max(sizes) / 1024 for sizes in zip(sent.first_screen, subject.whole_screen_bytes, strict=True))
    return {
        "bytes_per_cell": round(per_cell, 1),
        "bytes_per_cell_limit": MOST_BYTES_PER_CELL,
        "first_screen_kib": round(first, 1),
        "first_screen_limit_kib": MOST_FIRST_SCREEN_KIB,
        "first_screen_without_rep_kib": round(plain, 1),
        "first_screen_without_rep_limit_kib": MOST_FIRST_SCREEN_WITHOUT_REP_KIB,
        "cpu_pct": round(100 * subject.cpu_s / subject.seconds, 2),
        "bare_widget_cpu_pct": round(100 * bare.cpu_s / bare.seconds, 2),
        "cpu_ratio": round(ratio, 3),
        "cpu_ratio_limit": MOST_CPU_RATIO,
        "changed_cells_per_frame": round(subject.cells_per_frame, 1),
        "kib_per_s": round(subject.kib_per_s, 2),
        "default_layout_cascade_kib_per_s": round(cascading, 2),
        "default_layout_cascade_limit_kib_per_s": MOST_CASCADE_KIB_S,
        "default_layout_calm_kib_per_s": round(calm_kib_s, 2),
        "default_layout_calm_limit_kib_per_s": MOST_CALM_KIB_S,
        "subject": SUBJECT,
        "ok": per_cell <= MOST_BYTES_PER_CELL
        and first <= MOST_FIRST_SCREEN_KIB
        and plain <= MOST_FIRST_SCREEN_WITHOUT_REP_KIB
        and ratio <= MOST_CPU_RATIO
        and cascading <= MOST_CASCADE_KIB_S
        and calm_kib_s <= MOST_CALM_KIB_S,
    }


@dataclass(frozen=True, slots=True)
class BoardBytes:
    """Bytes of the board's first screen, with REP and without, and for each changed figure of nine characters."""

    first_screen: tuple[int, int]
    per_cell: float


def board_bytes(figures: int = FIGURES, frames: int = 200) -> BoardBytes:
    """Bytes of the board and of so many frames of it; deterministic."""
    console = Console(color_system="truecolor", force_terminal=True, legacy_windows=False)
    shown, terminal = Board(), Terminal(WIDTH, HEIGHT)
    terminal.write("\x1b[?1049h")
    terminal.take(_ALL)
    terminal.write("".join(f"\x1b[{y + 1};1H{shown.strip(y).render(console)}" for y in range(HEIGHT)) + "\x1b[1;1H")
    first, sent = whole_screens(terminal), 0
    for _ in range(frames):
        for x, y in shown.tick(figures):
            terminal.write(f"\x1b[{y + 1};{x + 1}H{shown.strip(y).crop(x, x + CELL).render(console)}\x1b[1;1H")
        sent += len(terminal.take(_ALL))
    return BoardBytes(first, sent / frames / figures)


def measure(subject: str, figures: float, warm_up_s: float = WARM_UP_S, measured_s: float = MEASURED_S) -> Report:
    """Run a subject in a child on a pseudo-terminal of 200 × 50 that is read all the time, and have it measured for
    `measured_s` seconds, `warm_up_s` after it showed its market. Raises DeskError where it never reports."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report.json")
        argv = [sys.executable, "-m", "deskmon.bench.render", subject, str(figures), str(path)]
        argv += [str(warm_up_s), str(measured_s)]
        with PtyChild(argv, (WIDTH, HEIGHT)) as child:
            pieces = child.pieces(f"report of {subject}", warm_up_s + measured_s + PATIENCE_S)
            while not path.exists():
                next(pieces)
        return Report(**json.loads(path.read_text()))


def child(
    subject: str, figures: float, report: Path, warm_up_s: float = WARM_UP_S, measured_s: float = MEASURED_S
) -> None:
    """Run the subject, measure it from inside, leave the report and end."""
    app = SUBJECTS[subject](figures)
    before: list[Report] = []

    def now() -> Report:
        driver = app._driver
        sent = driver.statistics() if isinstance(driver, ThinDriver) else None
        counts = (sent.bytes_written, sent.cells, sent.frames) if sent else (0, 0, 0)
        return Report(time.process_time(), time.monotonic(), *counts)

    def finish() -> None:
        start, end = asdict(before[0]), asdict(now())
        made = Report(**{name: end[name] - start[name] for name in end if name != "whole_screen_bytes"})
        whole = whole_screens(app._driver.terminal) if isinstance(app._driver, ThinDriver) else (0, 0)
        scratch = report.with_suffix(".part")
        scratch.write_text(json.dumps(asdict(made) | {"whole_screen_bytes": whole}))
        scratch.rename(report)
        app.exit()

    def begin() -> None:
        before.append(now())
        app.set_timer(measured_s, finish)

    def wait() -> None:
        if shows_market(app):
            app.set_timer(warm_up_s, begin)
        else:
            app.set_timer(LOOK_S, wait)

    app.call_later(wait)
    app.run()


def shows_market(app: App[Any]) -> bool:
    """Whether the market of a desk is on the screen; the board's always is."""
    from deskmon.desk.app import DeskApp

    return not isinstance(app, DeskApp) or (app.desk.market_complete and app.desk.painter.told)


def whole_screens(terminal: Terminal) -> tuple[int, int]:
    """Bytes of all that a terminal should show, painted afresh with REP and without."""
    return _whole_screen(terminal, rep=True), _whole_screen(terminal, rep=False)


def _whole_screen(terminal: Terminal, *, rep: bool) -> int:
    terminal.allow_rep(rep)
    terminal.forget()
    return len(terminal.take(_ALL))


if __name__ == "__main__":
    child(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3]), *map(float, sys.argv[4:]))
