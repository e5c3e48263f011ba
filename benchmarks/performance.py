"""All of `deskmon bench` and the memory of a desk's processes in one go, written into docs/performance.md: machine,
load and versions, each figure with its limit and how far it is from it.

    python -m benchmarks.performance       some minutes; status 1 where a limit is missed

Run it on a machine that does nothing else. The page says how busy it was all the same.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import memory
from deskmon.cli.measure import BENCHES

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- python -m benchmarks.performance writes from here -->", "<!-- to here -->"
PACKAGES = ("deskmon", "textual", "rich", "msgspec", "numpy", "ccxt")

Results = Mapping[str, Mapping[str, Any]]


class Row(NamedTuple):
    """A figure of a bench: in words with its value, what it is measured against, and by which keys it is judged."""

    bench: str
    figure: str
    floor: str
    got: str
    limit: str
    least: bool = False

    def share(self, results: Results) -> float:
        """How much of its limit it takes: above 1 it is missed."""
        got, limit = (float(results[self.bench][key]) for key in (self.got, self.limit))
        return limit / got if self.least else got / limit

    def words(self, results: Results) -> str:
        """Its line of the table."""
        found, share = results[self.bench], self.share(results)
        limit = f"{'at least' if self.least else 'at most'} {found[self.limit]:,}"
        told = f"{share:.2f}" if share <= 1 else f"**{share:.2f}, missed**"
        figure, floor = self.figure.format_map(found), self.floor.format_map(found)
        return f"| `{self.bench}` | {figure} | {floor} | {found[self.got]:,} | {limit} | {told} |"


ROWS = (
    Row("startup", "first full frame of the simulated market, {first_frame_ms:,} ms",
        "an empty Textual app's, {empty_app_ms:,} ms", "ratio", "limit"),
    Row("startup", "its first figure, a price of a second asset, {first_figure_ms:,} ms", "the same",
        "first_figure_ratio", "first_figure_limit"),
    Row("startup", "first figure of a reconstruction, {reconstruction_figure_ms:,} ms", "the same",
        "reconstruction_figure_ratio", "reconstruction_figure_limit"),
    Row("ingest", "decode and fold, {decode_fold_us:.2f} µs an event", "decoding alone, {decode_us:.2f} µs",
        "ratio", "limit"),
    Row("ingest", "events a second", "", "events_per_s", "least_per_s", least=True),
    Row("replay", "read and fold a journal, {replay_us:.2f} µs an event, {events_per_s:,} a second",
        "Python's `json.loads` of its lines, {json_us:.2f} µs", "ratio", "limit"),
    Row("render", "twelve panels on 200×50 at 4 Hz in a cascade, {cpu_pct:.1f} % of a core",
        "a bare Textual line widget that changes as much, {bare_widget_cpu_pct:.1f} %", "cpu_ratio", "cpu_ratio_limit"),
    Row("render", "bytes for a changed figure of nine characters", "", "bytes_per_cell", "bytes_per_cell_limit"),
    Row("render", "first screen, KiB, where the terminal repeats a character (else {first_screen_without_rep_kib})", "",
        "first_screen_kib", "first_screen_limit_kib"),
    Row("render", "the default layout in a minute of the demo's cascade, KiB/s before compression", "",
        "default_layout_cascade_kib_per_s", "default_layout_cascade_limit_kib_per_s"),
    Row("render", "the same in the calm", "", "default_layout_calm_kib_per_s", "default_layout_calm_limit_kib_per_s"),
    Row("keys", "key to frame with {heard_per_s:,} events/s through the hub, 99 % within ms (half {p50_ms})", "",
        "p99_ms", "limit_ms"),
    Row("keys", "resident memory of that screen, MB", "", "screen_resident_mb", "resident_limit_mb"),
    Row("live", "a websocket frame through the hub, µs of a core (ccxt's path {ccxt_frame_us})",
        "json alone, {json_us:.2f} µs", "frame_us", "limit_us"),
    Row("live", "frames a second with {lost} lost", "", "frames_per_s", "least_per_s", least=True),
    Row("live", "worst turn of the hub's loop meanwhile, ms", "", "worst_turn_ms", "limit_turn_ms"),
    Row("memory", "resident memory of the default desk's screen, MB (PSS {screen_pss})", "",
        "screen_rss", "screen_limit"),
    Row("memory", "of its hub, ccxt not imported (PSS {hub_pss})", "", "hub_rss", "hub_limit"),
    Row("memory", "of a hub of three venues by ccxt's path (PSS {live_pss})", "", "live_rss", "live_limit"),
)  # fmt: skip


def machine() -> str:
    """What was measured on: processor, cores, system, versions."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = [line.partition(":")[2] for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = " ".join(named[0].split()) if named else model
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    system = f"{platform.system()} {platform.release().partition('-')[0]}"
    return f"{os.cpu_count()} cores ({model}), {system}, CPython {platform.python_version()}, {packages}"


def measured(name: str) -> dict[str, Any]:
    """The figures of one bench. Raises SystemExit where it fails to measure."""
    done = subprocess.run(
        [sys.executable, "-m", "deskmon", "bench", name, "--json"], stdout=subprocess.PIPE, text=True, check=False
    )
    if not done.stdout:
        raise SystemExit(f"deskmon bench {name} ended with status {done.returncode} and no figures")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def table(results: Results, about: str, when: str, before: float, after: float) -> str:
    """What stands between the marks of the page."""
    head = (
        f"Measured on {when} UTC: {about}. Load of the machine (processes that wanted a core): {before:.1f} before, "
        f"{after:.1f} after."
    )
    lines = [row.words(results) for row in ROWS]
    columns = ("| bench | figure | floor | got | limit | share of the limit |", "|---|---|---|---|---|---|")
    return "\n".join([BEGIN, "", head, "", *columns, *lines, "", END])


def written(page: str, between: str) -> str:
    """The page with `between` in place of what its marks enclose. Raises ValueError where it has none."""
    start, end = page.index(BEGIN), page.index(END) + len(END)
    return page[:start] + between + page[end:]


def main() -> None:
    before, results = os.getloadavg()[0], dict[str, dict[str, Any]]()
    for name in BENCHES:
        results[name] = measured(name)
        print(f"{name}: {json.dumps(results[name])}", flush=True)
    results["memory"] = memory.figures(memory.measured(memory.SECONDS))
    print(f"memory: {json.dumps(results['memory'])}", flush=True)
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M}"
    PAGE.write_text(written(PAGE.read_text(), table(results, machine(), when, before, os.getloadavg()[0])))
    missed = [row for row in ROWS if row.share(results) > 1]
    print(f"wrote {PAGE}; {len(ROWS) - len(missed)} of {len(ROWS)} limits kept")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
