"""The replay bench measures what `deskmon state --replay` does, beside `json.loads` of the same lines."""

from deskmon.bench import replay
from deskmon.bench.ingest import market
from deskmon.events import encode_event
from deskmon.journal import JournalWriter


def test_it_reports_all_three_and_the_ratio_against_its_limit(tmp_path):
    header, *events = market(200)
    with JournalWriter(path := tmp_path / "market.jsonl", header) as journal:
        journal.write(events)
    figures = replay.measure(path, [encode_event(event) for event in events], rounds=1)
    assert figures["ok"] is (figures["ratio"] <= figures["limit"] == replay.LIMIT)
    assert min(figures["json_us"], figures["decode_us"], figures["replay_us"], figures["events_per_s"]) > 0
