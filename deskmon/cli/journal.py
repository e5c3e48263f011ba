"""`deskmon journal`: what a journal or a folder of segments holds, what is damaged in it, and what to do about that."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskmon.cli.text import print_columns, print_json, say
from deskmon.errors import UsageError

if TYPE_CHECKING:
    from deskmon.journal.care import Checked


def add(commands: Any) -> None:
    """Declare the commands."""
    journal = commands.add_parser("journal", help="what a journal holds, its damage, and copies without it")
    actions = journal.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, run, words in (
        ("list", run_list, "its segments, their times and sizes; the rolling journal where no PATH is given"),
        ("verify", run_verify, "read every byte, and name each damage with its place"),
        ("prune", run_prune, "let go what is older or more than allowed"),
        ("repair", run_repair, "write a copy of what can be read"),
    ):
        action = actions.add_parser(name, help=words)
        action.add_argument("path", nargs="?", metavar="PATH", help="a journal, or a folder of segments")
        action.set_defaults(run=run)
        if name in ("list", "verify"):
            action.add_argument("--json", action="store_true", help="as JSON")
        if name == "prune":
            action.add_argument("--keep", metavar="7d", help="how long; as [journal] says where absent")
            action.add_argument("--max-bytes", metavar="5GB", help="how much; as [journal] says where absent")
        if name == "repair":
            action.add_argument("--out", metavar="PATH", help="the copy; NAME-repaired beside it where absent")


def run_list(args: Namespace) -> int:
    from deskmon.journal.care import files, missing
    from deskmon.journal.checkpoints import checkpoints
    from deskmon.journal.reader import last_arrival
    from deskmon.journal.segments import segments

    path = _path(args)
    if not path.is_dir():
        return _list_file(path, args.json)
    files(path)
    there, kept, gone = segments(path), checkpoints(path), missing(path)
    count = {segment.number: 0 for segment in there}
    for one in kept:
        count[one.place.number] = count.get(one.place.number, 0) + 1
    rows = [
        {
            "segment": segment.path.name, "from": segment.first, "to": last_arrival(segment.path),
            "bytes": segment.bytes, "checkpoints": count[segment.number],
        }
        for segment in there
    ]  # fmt: skip
    total = sum(segment.bytes for segment in there), sum(one.bytes for one in kept)
    if args.json:
        whole = {"path": str(path), "bytes": sum(total), "segments": rows, "missing": gone}
        return print_json(whole)
    for row in rows:
        row["checkpoints"] = f"{row['checkpoints']} checkpoint{'' if row['checkpoints'] == 1 else 's'}"
    _print_rows(rows)
    words = f"{len(rows):,} segments, {_size(total[0])}; {len(kept):,} checkpoints, {_size(total[1])}"
    say(words + (f"; missing: {', '.join(map(str, gone[:20]))}" if gone else ""))
    return 0


def _list_file(path: Path, as_json: bool) -> int:
    from deskmon.journal.care import files
    from deskmon.journal.reader import last_arrival, read_header

    files(path)
    row = {
        "segment": path.name, "from": read_header(path).started, "to": last_arrival(path), "bytes": path.stat().st_size,
    }  # fmt: skip
    if as_json:
        return print_json({"path": str(path), "bytes": row["bytes"], "segments": [row], "missing": []})
    _print_rows([row])
    return 0


def run_verify(args: Namespace) -> int:
    from deskmon.journal.care import missing, unreadable_checkpoints, verify

    path = _path(args)
    checked = list(verify(path))
    gone = missing(path) if path.is_dir() else []
    bad = unreadable_checkpoints(path) if path.is_dir() else []
    if args.json:
        print_json(
            {
                "sound": not gone and all(one.sound for one in checked), "missing": gone,
                "files": [_as_json(one) for one in checked], "unreadable_checkpoints": [one.name for one in bad],
            }
        )  # fmt: skip
    else:
        for one in checked:
            _tell(one)
        for number in gone:
            say(f"segment {number} is missing")
        for checkpoint in bad:
            say(f"{checkpoint.name}: can't be read; a desk passes over it, nothing is lost")
    return 1 if gone or not all(one.sound for one in checked) else 0


def run_prune(args: Namespace) -> int:
    from deskmon.cli.session import load_config
    from deskmon.clock import WallClock
    from deskmon.journal.care import files
    from deskmon.journal.checkpoints import checkpoints
    from deskmon.journal.retention import surplus
    from deskmon.journal.segments import segments
    from deskmon.limits import Limits, parse_bytes
    from deskmon.timeline import parse_duration

    kept = load_config(args, feeds={}).journal.limits
    keep_ms = kept.keep_ms if args.keep is None else parse_duration(args.keep)
    most = kept.most_bytes if args.max_bytes is None else parse_bytes(args.max_bytes)
    path = _path(args)
    if path.is_file():
        raise UsageError(f"{path}: one file, nothing in it is let go", "give a folder of segments")
    files(path)
    gone = surplus(segments(path), checkpoints(path), WallClock().now(), Limits(keep_ms, most))
    freed = sum(one.stat().st_size for one in gone)
    for one in gone:
        one.unlink()
        say(one.name)
    say(f"{len(gone):,} files let go, {_size(freed)}")
    return 0


def run_repair(args: Namespace) -> int:
    from deskmon.journal.care import repair

    path = _path(args)
    target = Path(args.out).expanduser() if args.out else _beside(path)
    for one in repair(path, target):
        _tell(one)
    say(f"what can be read is in {target}")
    return 0


def _path(args: Namespace) -> Path:
    """The journal that was named, else the user's rolling one. Raises UsageError where no desk has kept that yet."""
    from deskmon.cli.session import load_config
    from deskmon.config.places import journal_folder

    if args.path:
        return Path(args.path).expanduser()
    folder = journal_folder(load_config(args, feeds={}).journal)
    if not folder.exists():
        raise UsageError(
            f"no desk has kept a journal at {folder} yet",
            "`deskmon` or `deskmon hub` begins one; or give a PATH",
        )
    return folder


def _beside(path: Path) -> Path:
    for suffix in (".jsonl.zst", ".jsonl"):
        if path.name.endswith(suffix):
            return path.with_name(f"{path.name.removesuffix(suffix)}-repaired{suffix}")
    return path.with_name(f"{path.name}-repaired")


def _tell(checked: Checked) -> None:
    """What was found in a file, damaged places and the first of the lines that were left out, with their beginning."""
    from deskmon.format import escaped

    if checked.fault:
        say(f"{checked.path.name}: {checked.fault}")
    state = "sound" if checked.sound else "damaged"
    say(f"{checked.path.name}: {state}, {checked.report.summary()}")
    for damage in checked.report.damages:
        say(f"  bytes {damage.start:,} to {damage.end:,}: {damage.reason}")
    for number, reason, start in checked.report.samples:
        say(f"  line {number:,}: {escaped(reason)}: {escaped(start)}")
    if more := checked.report.rejected + len(checked.report.fields) - len(checked.report.samples):
        say(f"  and {more:,} more lines")


def _as_json(checked: Checked) -> dict[str, Any]:
    report = checked.report
    return {
        "file": checked.path.name, "bytes": checked.bytes, "sound": checked.sound, "events": report.events,
        "from": checked.first, "to": checked.last, "left_out": dict(report.skipped), "cut": report.cut,
        "fault": checked.fault, "damages": [one._asdict() for one in report.damages],
        "lines": [{"line": number, "reason": reason, "start": start} for number, reason, start in report.samples],
    }  # fmt: skip


def _print_rows(rows: list[dict[str, Any]]) -> None:
    from deskmon import format as fmt

    def moment(ts: int | None) -> str:
        return "—" if ts is None else f"{fmt.date(ts)} {fmt.clock(ts)}Z"

    print_columns(
        [
            (
                row["segment"],
                moment(row["from"]),
                moment(row["to"]),
                _size(row["bytes"]),
                row.get("checkpoints", ""),
            )
            for row in rows
        ]
    )


def _size(size: int) -> str:
    """In decimal units, as disks are sold."""
    for unit, each in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= each:
            return f"{size / each:.1f} {unit}"
    return f"{size} B"
