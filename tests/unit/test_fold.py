"""A message says the same however it is typed."""

import pytest

from bot.safety.fold import Folder

FOLDER = Folder(
    spellings={"suiside": "suicide", "sicide": "suicide", "kiero": "quiero"},
    emoji={"⚰": "coffin"},
    known=frozenset("want to die dying kill myself suicide wanna goodbye manana quiero vivir soon".split()),
    phrases=frozenset({"kill myself", "want to die"}),
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("I WANT TO DIE", "i want to die"),
        ("i don’t want to", "i dont want to"),
        ("i don't want to", "i dont want to"),
        ("i   want\tto   die", "i want to die"),
        ("i want to dieeeee", "i want to die"),
        ("gooodbye", "goodbye"),
        ("sooooon", "soon"),
        ("i w4nt to d1e", "i want to die"),
        ("suic!de", "suicide"),
        ("i wa\u200bnt to d\u00adi\u2060e", "i want to die"),
        ("k i l l  m y s e l f", "kill myself"),
        ("k.i.l.l-m.y.s.e.l.f", "kill myself"),
        ("killmyself", "kill myself"),
        ("kill_myself", "kill myself"),
        ("su*icide", "suicide"),
        ("s*icide", "suicide"),
        ("suiside", "suicide"),
        ("ｗａｎｔ ｔｏ ｄｉｅ", "want to die"),
        ("w\u0430nt t\u043e di\u0435", "want to die"),
        ("soon ⚰️", "soon coffin"),
        ("mañana, ¿no quiero vivir?", "manana no quiero vivir"),
        ("KIERO vivír", "quiero vivir"),
        ("see https://example.org/die now", "see now"),
        ("a b test", "a b test"),
        ("180/120", "180 120"),
        ("", ""),
    ],
)
def test_disguise_is_taken_off(typed: str, meant: str) -> None:
    assert FOLDER.fold(typed).replace("|", "").split() == meant.split()


def test_sentences_are_parted() -> None:
    assert FOLDER.fold("No. I want to! Soon\nGoodbye") == " no | i want to | soon | goodbye "


def test_folding_a_folded_text_changes_nothing() -> None:
    once = FOLDER.fold("I   w4nt to DIEEEE… Don’t care! k i l l  m y s e l f")
    assert FOLDER.fold(once) == once


def test_words_are_left_alone_without_a_word_list() -> None:
    assert Folder().fold("Is it covered by my insurance?") == " is it covered by my insurance | "
