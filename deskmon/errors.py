"""What the desk says when it can't do what was asked: one line, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class DeskError(Exception):
    """Something failed while running. `remedy` tells the reader what to do; exit status 1."""

    status = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}; {self.remedy}" if self.remedy else self.message


class UsageError(DeskError):
    """The command line asks for what doesn't exist. Exit status 2."""

    status = 2


class ConfigError(DeskError):
    """The configuration can't be used. Carries every problem found, not the first. Exit status 2."""

    status = 2

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def nearest(name: str, names: Iterable[str]) -> str:
    """The valid name that `name` was probably meant to be, "" where none is near."""
    import difflib

    by_lower = {candidate.lower(): candidate for candidate in names}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else ""
