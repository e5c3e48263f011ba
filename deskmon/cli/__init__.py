"""The command line: `main` is the `deskmon` command. Each command imports what it needs when it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from types import TracebackType

from deskmon.cli.text import complain, open_standard_files
from deskmon.errors import ConfigError, DeskError
from deskmon.garbage import keep_collections_short
from deskmon.late_tls import load_tls_late

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 done, 1 failed while running, 2 wrong usage or config, 130 interrupted.

    Wrong usage of the command line itself leaves by SystemExit(2), as argparse does.
    """
    keep_collections_short()
    load_tls_late()
    open_standard_files()
    if "_ARGCOMPLETE" in os.environ:  # a shell asks what could stand here
        from deskmon.cli.completion import complete

        complete()
    from deskmon.cli.parser import parse

    complaint = _Complaint()
    sys.excepthook = complaint.of_own_fault
    try:
        args = parse(sys.argv[1:] if argv is None else argv)
        complaint.verbose, complaint.has_log = args.verbose, bool(getattr(args, "log", None))
        status = int(args.run(args))
        sys.stdout.flush()
        return status
    except DeskError as fault:
        complaint.make(fault)
        return fault.status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough. Python flushes stdout once more at exit: give it somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as fault:
        complaint.make(DeskError(f"{fault.filename or 'output'}: {fault.strerror or fault}"))
        return 1


class _Complaint:
    """Says why a command ends: on stderr, and in its log where it has one (`has_log`), so that none ends without a
    reason."""

    def __init__(self) -> None:
        self.verbose = self.has_log = False

    def make(self, fault: DeskError) -> None:
        """Say what was wrong and what to do, a line each where there is more."""
        if self.verbose:
            import traceback

            traceback.print_exc()
        for line in fault.problems if isinstance(fault, ConfigError) else (" ".join(str(fault).split("\n")),):
            self._say(line)

    def of_own_fault(self, kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        """A fault of deskmon's own: still one line, and with -v where it happened."""
        text = " ".join(str(fault).split())
        if self.verbose:
            sys.__excepthook__(kind, fault, trace)
        self._say(f"internal fault: {kind.__name__}: {text}; -v shows where, please report it")

    def _say(self, line: str) -> None:
        complain(line)
        if self.has_log:
            from deskmon.cli.log_file import write_last_line

            write_last_line(line)
