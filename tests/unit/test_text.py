import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import clean, collapse, sentences, words


@given(st.text() | st.text("a\ud800 \udfff", max_size=9), st.integers(0, 200))
def test_cleaned_text_is_short_and_visible(text, limit):
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert not [c for c in cleaned if unicodedata.category(c) == "Cc" and c != "\n"]
    assert cleaned.encode().decode() == cleaned
    assert not set(cleaned) & {"\u200b", "\u200d", "\u202e", "\ufeff", "\u00ad"}


@given(st.lists(st.text("abcdefghijñéüOPQ'’?!0123456789", min_size=1), min_size=1))
def test_cleaning_keeps_every_word(typed):
    assert clean(" \t\n".join(typed), 10_000).split() == typed


def test_a_word_that_hides_behind_invisible_signs_is_seen():
    assert clean("k\u200bi\u00adll\u202e me\x00now", 100) == "kill me now"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two? Three!", ["One.", "Two?", "Three!"]),
        ("Ask Dr. Smith. He knows.", ["Ask Dr. Smith.", "He knows."]),
        ("It costs 4.50 a day. 5 visits.", ["It costs 4.50 a day.", "5 visits."]),
        ('He said "no." Then he left.', ['He said "no.', "Then he left."]),
        ("no full stop", ["no full stop"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text, parts):
    assert sentences(text) == parts


@given(st.text('abc .!?\n"A1', max_size=60))
def test_no_word_is_lost_between_sentences(text):
    kept = "".join(" ".join(sentences(text)).split())
    assert kept.replace('"', "") == "".join(text.split()).replace('"', "")


def test_words_are_counted_as_a_reader_counts():
    assert words("  two\n words ") == 2
    assert collapse("  two\n\t words ") == "two words"
