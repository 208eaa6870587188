"""Misspelt words that matter are mended, and no right word is bent into one."""

import pytest

from bot.adapters.words import english_words
from bot.safety.patterns import load_patterns
from bot.safety.spelling import Speller

SPELLER = Speller(set(load_patterns().folder.spellings.values()), english_words())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Suicudal", "suicidal"),
        ("myslef", "myself"),
        ("tonigth", "tonight"),
        ("overdoze", "overdose"),
        ("siezure", "seizure"),
        ("whant", "want"),
    ],
)
def test_a_slip_or_two_is_mended(typed, meant):
    assert SPELLER.mend(f"I am {typed}.") == f"I am {meant}."


@pytest.mark.parametrize(
    "text",
    [
        "Is ketamine safe for my mother?",
        "killing time, tonight I breathe easily",
        "Spravato esketamine",
        "dye",
        "wanton Wanda lives",
        "",
    ],
)
def test_right_and_foreign_words_stay(text):
    assert SPELLER.mend(text) == text


def test_without_a_dictionary_nothing_is_mended():
    assert Speller({"suicidal"}, ()).mend("suicudal") == "suicudal"
