"""Key to echo through ssh over a line of 64 kbit/s, with the default layout at 200x50 in a cascade.

`python -m benchmarks.ssh [PRESSES]`; needs sshd. With and without compression, the screen on a budget of 48 kbit/s.
"""

from __future__ import annotations

import shlex
import sys
import tempfile
from pathlib import Path
from statistics import quantiles

from tests.desk.conftest import running_hub
from tests.desk.sshd import Sshd, ThinLink
from tests.desk.terminal import Terminal
from tests.desk.test_ssh import match_block

LINE_KBPS = 64
BUDGET_KBPS = 48
SIZE = (200, 50)
SETTLE_S = 70.0
"""After this long the simulated market is in its cascade."""
LIMIT_MS = 400.0
FEEDS = "[feeds.demo]\ntype = 'demo'\n"


def echoes(terminal: Terminal, presses: int) -> list[float]:
    """ms from `/` to the filter's prompt, by press."""
    took = []
    for i in range(presses):
        terminal.press("/")
        took.append(terminal.until("⏎ keep", 30) * 1000)
        terminal.press("\r")
        terminal.watch(0.53 + 0.037 * (i % 7))
    return took


def main() -> int:
    presses = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    worst = 0.0
    for options in (["-C"], []):
        with tempfile.TemporaryDirectory() as folder, running_hub(Path(folder), FEEDS) as socket:
            words = ["attach", f"unix:{socket}", "--max-kbps", str(BUDGET_KBPS)]
            command = shlex.join([sys.executable, "-P", "-m", "deskmon", *words])
            with (
                Sshd(Path(folder), match_block(command)) as server,
                ThinLink(server.port, LINE_KBPS) as line,
                Terminal(argv=server.client(*options, port=line.port), size=SIZE) as terminal,
            ):
                terminal.until("DEMO", 90)
                terminal.watch(SETTLE_S)
                before = terminal.child.written
                took = echoes(terminal, presses)
        cuts = quantiles(took, n=20)
        worst = max(worst, cuts[18])
        print(
            f"{' '.join(options) or 'plain':6} {presses} presses: p50 {cuts[9]:.0f} ms, p95 {cuts[18]:.0f} ms, "
            f"max {max(took):.0f} ms; {(terminal.child.written - before) / 1024:.0f} KiB shown"
        )
    return 0 if worst <= LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
