"""Keys are declared once: no two want the same, and the page about them is made of the declarations."""

from pathlib import Path

from deskmon import plugins
from deskmon.desk.help import clashes, key_page
from deskmon.desk.keys import KeyMap
from tests.desk.stubs import Plain
from tests.written import same_as_written

PAGE = Path(__file__).parents[2] / "docs" / "keys.md"


def panels():
    return [plugins.load_panel(name) for name in sorted(plugins.panel_names())]


def test_no_key_is_wanted_twice():
    assert clashes(panels()) == []


def test_a_clash_is_named():
    class Greedy(Plain):
        name = "greedy"
        keys = (Plain.keys[0], type(Plain.keys[0])("greedy.quit", "q", "quit", "Wants what is taken"))

    assert clashes([Greedy]) == ["greedy: greedy.quit wants 'q', which is desk.quit"]


def test_a_moved_key_answers_where_it_was_moved_to():
    keymap = KeyMap({"desk.quit": "Q", "desk.up": "j"})
    assert keymap.action("Q", ()) == "desk.quit"
    assert keymap.action("q", ()) is None
    assert keymap.action("j", ()) == "desk.up"
    assert (keymap.action("k", ()), keymap.action("ctrl+c", ())) == ("desk.up", "desk.quit")


def test_edit_mode_has_keys_of_its_own():
    keymap = KeyMap({"edit.save": "q", "edit.add": "H"})
    assert (keymap.editing("q"), keymap.action("q", ())) == ("edit.save", "desk.quit")
    assert (keymap.editing("s"), keymap.editing("shift+left")) == (None, "edit.move_left")
    assert keymap.key_of("edit.save") == "q" and keymap.key_of("desk.edit") == "e"


def test_the_page_of_keys_is_up_to_date():
    same_as_written(PAGE, key_page(panels()))
