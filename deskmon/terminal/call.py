"""How a terminal calls whoever sits before it: a bell, and a desktop notification where its kind has one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from deskmon.components.text import one_line, shorten

Kind = Literal["osc9", "osc777", "osc99", "bell"]
"""Which sequence it takes for a notification: iTerm2's, urxvt's, kitty's, or none."""

BELL = "\x07"
_MOST = 200
_END = "\x1b\\"
_URXVT_LIKE = ("rxvt-unicode", "foot", "xterm-ghostty", "ghostty")
_PROGRAMS: dict[str, Kind] = {"iTerm.app": "osc9", "WezTerm": "osc777", "ghostty": "osc777", "kitty": "osc99"}


def kind_of(environment: Mapping[str, str]) -> Kind:
    """The terminal's kind. Within tmux, what is still known of the terminal around it; GNU screen passes nothing on."""
    term = environment.get("TERM", "")
    if "STY" in environment or (term.startswith("screen") and "TMUX" not in environment):
        return "bell"
    if "KITTY_WINDOW_ID" in environment or term.startswith("xterm-kitty"):
        return "osc99"
    if term.startswith(_URXVT_LIKE):
        return "osc777"
    if environment.get("LC_TERMINAL") == "iTerm2":  # an SSH client hands this one on
        return "osc9"
    return _PROGRAMS.get(environment.get("TERM_PROGRAM", ""), "bell")


def call(title: str, text: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """What to write: a bell, and the notification if the terminal has one. tmux hands it on where `allow-passthrough`
    is on."""
    notification = _notification(kind_of(environment), title, text)
    if not notification:
        return (BELL,)
    in_tmux = "TMUX" in environment or environment.get("TERM", "").startswith("tmux")
    return (BELL, passed_through(notification) if in_tmux else notification)


def passed_through(sequence: str) -> str:
    """A sequence as tmux hands it to the terminal around it."""
    return f"\x1bPtmux;{sequence.replace(chr(27), 2 * chr(27))}{_END}"


def _notification(kind: Kind, title: str, text: str) -> str:
    title, text = _plain(title), _plain(text)
    if kind == "osc9":
        return f"\x1b]9;{title}: {text}{_END}"
    if kind == "osc777":
        return f"\x1b]777;notify;{title};{text}{_END}"
    return f"\x1b]99;;{title}: {text}{_END}" if kind == "osc99" else ""


def _plain(text: str) -> str:
    """Without what would end a field or the sequence."""
    return shorten(re.sub(r"[;\\]", ",", one_line(text)), _MOST)
