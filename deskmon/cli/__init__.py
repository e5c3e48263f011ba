"""The command line: `main` is the `deskmon` command. Each command imports what it needs when it runs."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from types import TracebackType

from deskmon.cli.text import complain, open_standard_files
from deskmon.errors import ConfigError, DeskError

INTERRUPTED = 130


def collect_seldom() -> None:
    """Imports make some hundred thousand objects that all stay: to collect garbage among them would cost a tenth of a
    start, and seldom again pays for the pause it is."""
    gc.set_threshold(50_000, 20, 50)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 done, 1 failed while running, 2 wrong usage or config, 130 interrupted.

    Wrong usage of the command line itself leaves by SystemExit(2), as argparse does.
    """
    collect_seldom()
    open_standard_files()
    if "_ARGCOMPLETE" in os.environ:  # a shell asks what could stand here
        from deskmon.cli.completion import complete

        complete()
    from deskmon.cli.parser import parse

    verbose = False
    try:
        args = parse(sys.argv[1:] if argv is None else argv)
        verbose = args.verbose
        sys.excepthook = _unexpected if not verbose else sys.__excepthook__
        status = int(args.run(args))
        sys.stdout.flush()
        return status
    except DeskError as fault:
        _complain(fault, verbose)
        return fault.status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough. Python flushes stdout once more at exit: give it somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as fault:
        _complain(DeskError(f"{fault.filename or 'output'}: {fault.strerror or fault}"), verbose)
        return 1


def _complain(fault: DeskError, verbose: bool) -> None:
    if verbose:
        import traceback

        traceback.print_exc()
    lines = fault.problems if isinstance(fault, ConfigError) else (" ".join(str(fault).split("\n")),)
    for line in lines:
        complain(line)


def _unexpected(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    """A fault of deskmon's own: still one line."""
    text = " ".join(str(fault).split())
    complain(f"internal fault: {kind.__name__}: {text}; -v shows where, please report it")
