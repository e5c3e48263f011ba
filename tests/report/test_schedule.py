"""The week's report at its time: made once, after restarts and failures too, and told by the routes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from deskmon.clock import DAY, HOUR, ManualClock
from deskmon.config.schema import Config, ReportConfig
from deskmon.delivery.notice import MOST_TEXT, Notice, message
from deskmon.errors import DeskError
from deskmon.hub.report_schedule import LATE, ReportSchedule

FRIDAY = round(datetime(2026, 1, 9, 21, tzinfo=UTC).timestamp() * 1000)


class Bench:
    """A schedule, its clock, and what it made and told."""

    def __init__(self, folder: Path, schedule: str | None = "friday 21:00 UTC") -> None:
        self.clock = ManualClock(FRIDAY - HOUR)
        self.config = Config(report=ReportConfig(schedule=schedule, folder=str(folder)))
        self.made: list[tuple[str, int]] = []
        self.told: list[Notice] = []
        self.fault: DeskError | None = None
        self.oldest = FRIDAY - 3 * DAY
        self.schedule = self.started()

    def started(self) -> ReportSchedule:
        return ReportSchedule(self.config, self.clock.now, lambda: self.oldest, self._make, self.told.append)

    async def _make(self, path: Path, due: int) -> str:
        if self.fault is not None:
            raise self.fault
        self.made.append((path.name, due))
        _write(path)
        return "BTC: −16.5 % over the week\nwhole"

    async def at(self, ts: int) -> bool:
        self.clock.set(ts)
        return await self.schedule.look()


def _write(path: Path) -> None:
    path.write_text("report", encoding="utf-8")


async def test_it_is_made_at_its_time_once_and_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    assert await bench.at(FRIDAY - 1) and not bench.made
    assert await bench.at(FRIDAY + 5_000) and await bench.at(FRIDAY + 25_000)
    assert bench.made == [("report-2026-01-09T2100Z.html", FRIDAY)]
    [notice] = bench.told
    assert (notice.severity, notice.since) == ("info", FRIDAY)
    assert str(tmp_path / "report-2026-01-09T2100Z.html") in notice.text
    assert notice.body.startswith("BTC: −16.5 %")
    assert await bench.at(FRIDAY + 7 * DAY)
    assert [due for _, due in bench.made] == [FRIDAY, FRIDAY + 7 * DAY]


async def test_a_restart_makes_what_is_missing_and_nothing_twice(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.at(FRIDAY + HOUR)  # the hub was away at its time
    bench.schedule = bench.started()
    await bench.at(FRIDAY + 2 * HOUR)
    assert len(bench.made) == len(bench.told) == 1


async def test_one_whose_time_is_long_past_is_made_no_more(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.at(FRIDAY + LATE + 1)
    assert not bench.made


async def test_a_desk_that_began_after_its_time_has_none_to_make(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.oldest = FRIDAY + 1
    assert await bench.at(FRIDAY + HOUR) and not bench.made


async def test_why_one_is_missing_is_said_until_it_is_made(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.fault = DeskError("this hub keeps no journal to make it of", "[journal] enabled = true keeps one")
    assert not await bench.at(FRIDAY)
    status = bench.schedule.report(FRIDAY)
    assert status is not None and status.state == "down" and "keeps no journal" in (status.detail or "")
    assert not bench.told
    bench.fault = None
    assert await bench.at(FRIDAY + HOUR)
    status = bench.schedule.report(FRIDAY + HOUR)
    assert status is not None and (status.state, status.detail) == ("live", "next 2026-01-16 21:00Z")
    assert len(bench.told) == 1


async def test_without_a_schedule_nothing_is_made_or_said_and_a_reload_brings_one(tmp_path: Path) -> None:
    bench = Bench(tmp_path, schedule=None)
    assert await bench.at(FRIDAY) and not bench.made
    assert bench.schedule.report(FRIDAY) is None
    bench.schedule.reload(replace(bench.config, report=ReportConfig(schedule="daily 21:00", folder=str(tmp_path))))
    assert await bench.at(FRIDAY) and len(bench.made) == 1


def test_a_message_carries_as_much_of_the_text_as_fits_and_nothing_that_a_terminal_obeys() -> None:
    body = "\n".join(f"line {n} \x1b[2J" for n in range(1_000))
    notice = Notice("report", "written", ts=FRIDAY, since=FRIDAY, severity="info", text="it is /tmp/a.html", body=body)
    plain = Notice("btc", "firing", ts=FRIDAY, since=FRIDAY)
    text = message("mail", [plain, notice, plain], FRIDAY, "desk", "alerts").text
    assert len(text) <= MOST_TEXT
    head, _, rest = text.partition("\n\n")
    assert head.count("\n") == 2 and rest.startswith("line 0 ") and text.endswith("\n…")
    assert "\x1b" not in text
    short = message(
        "mail", [Notice("report", "written", ts=FRIDAY, since=FRIDAY, body="one")], FRIDAY, "desk", "alerts"
    ).text
    assert short.endswith("\n\none")
