"""What the desk's own keys do. A screen's first frame needs none of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from deskmon.desk import alert_questions, comparing, own_keys, questions, sharing
from deskmon.desk.keeping import keep_options

if TYPE_CHECKING:
    from deskmon.desk.desk import Desk, Effect


def answers(desk: Desk) -> dict[str, Callable[[int], Effect | None]]:
    """What the desk's own actions do at a desk time (ms), but for those that play a market."""
    return {
        "quit": lambda _: "quit", "palette": lambda _: "palette", "theme": lambda _: "theme",
        "back": desk.back, "home": partial(own_keys.home, desk), "zoom": partial(own_keys.zoom, desk),
        "help": partial(own_keys.help, desk),
        "next": lambda _: desk.focus_next(1), "previous": lambda _: desk.focus_next(-1),
        "panel": partial(questions.panel, desk), "columns": partial(questions.columns, desk),
        "add": partial(questions.add, desk), "take": partial(questions.take, desk),
        "layout": lambda _: questions.layout(desk), "edit": desk.edit, "keep": partial(keep_options, desk),
        "filter": desk.ask_filter, "restart": partial(own_keys.restart, desk),
        "freeze": desk.pause, "note": partial(questions.note, desk), "alerts": partial(own_keys.alerts, desk),
        "rule": partial(alert_questions.rule, desk), "look_at": partial(questions.moment, desk),
        "next_moment": lambda now: desk.move(desk.story.jump(1, desk.status), now),
        "previous_moment": lambda now: desk.move(desk.story.jump(-1, desk.status), now),
        "compare": partial(comparing.ask, desk), "plot": partial(comparing.plot, desk),
        "copy": partial(sharing.copy, desk), "picture": partial(sharing.keep, desk),
        "report": partial(sharing.report, desk),
    }  # fmt: skip
