"""The log: where it goes, and that no text of a stranger's steers a terminal that shows it."""

from __future__ import annotations

import logging
from argparse import Namespace

from deskmon import format as fmt
from deskmon.errors import DeskError, UsageError

LONGEST = 4_000
"""Characters of a message that are written."""
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class PlainFormatter(logging.Formatter):
    """Writes what isn't printable by its number, and a message on one line whatever it holds."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = fmt.escaped(record.message[:LONGEST]).replace("\n", "\\u000a")
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        return fmt.escaped(super().format(record))


def start_log(args: Namespace, *, stderr: bool) -> None:
    """Log to `--log`; without it to stderr where nothing draws on the terminal, and only what needs attention.

    Raises UsageError for a kiosk's, and DeskError for one that can't be written.
    """
    if args.log and getattr(args, "kiosk", False):
        raise UsageError("a kiosk writes no log", "leave out --log, or --kiosk")
    level = logging.DEBUG if args.verbose else logging.INFO
    handler: logging.Handler
    if args.log:
        from deskmon.cli.log_handler import LogFile  # a screen without a log starts sooner

        try:
            handler = LogFile(args.log)
        except OSError as fault:
            raise DeskError(f"{args.log}: can't be written: {fault.strerror}", "choose another --log") from fault
    elif stderr:
        handler, level = logging.StreamHandler(), level if args.verbose else logging.WARNING
    else:
        handler = logging.NullHandler()
    handler.setFormatter(PlainFormatter(FORMAT))
    logging.basicConfig(level=level, handlers=[handler], force=True)


def write_last_line(words: str) -> None:
    """Write why the command ends to the log of this process, if one was begun."""
    from deskmon.cli.log_handler import LogFile

    for handler in logging.getLogger().handlers:
        if isinstance(handler, LogFile):
            handler.handle(logging.LogRecord("deskmon", logging.ERROR, "", 0, words, None, None))
