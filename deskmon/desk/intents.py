"""What a panel wants that the hub does, or that the trader is asked about first: pins, alerts, a moment to look at."""

from __future__ import annotations

from deskmon.components.panel import AcknowledgeAlert, LookAt, Pin, SnoozeAlert
from deskmon.desk import alert_questions, playing, questions
from deskmon.transport.requests import Acknowledge


def carry_out(desk: questions.AskedDesk, intent: Pin | AcknowledgeAlert | SnoozeAlert | LookAt, now: int) -> None:
    """Carry it out, or ask for what it lacks."""
    match intent:
        case Pin(label=""):
            questions.label(desk, intent)
        case Pin():
            desk.pin(intent, now)
        case AcknowledgeAlert():
            desk.ask(Acknowledge(id=0, rule=intent.rule))
        case SnoozeAlert():
            alert_questions.snooze(desk, intent, now)
        case LookAt():
            desk.move(playing.moment(intent.at, desk.status), now)
