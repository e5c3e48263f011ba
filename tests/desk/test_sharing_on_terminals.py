"""Copies and pictures on a real terminal: what its bytes carry, and which files there are then."""

from base64 import b64decode

from tests.desk.terminal import Terminal, gone


def test_a_trader_s_copy_reaches_the_terminal_in_two_keys_and_a_picture_its_files_in_one(tmp_path, monkeypatch):
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with Terminal("demo", size=(160, 44), cwd=tmp_path) as terminal:
        terminal.until("binance")
        terminal.walk(("y", "2 panel"), ("y", "copied panel prices"), ("Y", "wrote "))
    _, _, tail = bytes(terminal.raw).partition(b"\x1b]52;c;")
    text = b64decode(tail.partition(b"\x1b\\")[0]).decode()
    assert text.startswith("Prices") and "simulated" in text and "BTC" in text
    names = sorted(path.suffix for path in (tmp_path / "deskmon" / "shared").iterdir())
    assert names == [".svg", ".txt"]


def test_a_kiosk_s_terminal_gets_no_clipboard_and_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with Terminal("demo", "--kiosk", size=(160, 44), cwd=tmp_path) as terminal:
        terminal.until("binance")
        terminal.walk(("yyY", ""), ("?", "› help"), ("\x1b", gone("› help")))
    assert b"\x1b]52" not in terminal.raw and b"Ptmux" not in terminal.raw
    assert not (tmp_path / "deskmon" / "shared").exists()
