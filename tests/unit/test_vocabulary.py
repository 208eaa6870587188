import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.vocabulary import Vocabulary

WORDS = {
    "condition": {"ptsd": ("ptsd", "trauma"), "ocd": ("obsessive compulsive disorder", "ocd")},
    "form": {"iv": ("iv", "infusion", "drip"), "nasal": ("nose spray",)},
    "medicine": {"benzo": ("benzodiazepines", "xanax"), "johns": ("st john's wort",)},
}
vocabulary = Vocabulary(WORDS)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Does an INFUSION help PTSD?", ["iv", "ptsd"]),
        ("infusions, drips", ["iv", "iv"]),
        ("obsessive-compulsive   disorder", ["ocd"]),
        ("st johns wort or St John’s wort", ["johns", "johns"]),
        ("a nose-spray", ["nasal"]),
        ("private traumatic divan", []),
        ("", []),
    ],
)
def test_a_word_is_found_in_each_way_of_writing_it(text, values):
    assert [mention.value for mention in vocabulary.find(text)] == values


def test_the_longest_word_wins():
    nested = Vocabulary({"form": {"spray": ("spray",), "nasal": ("nasal spray",)}})
    assert [m.value for m in nested.find("a nasal spray")] == ["nasal"]


@given(st.text("ptsdiv drp’'-XA.ſİıK", max_size=40))
def test_a_mention_is_a_stretch_of_the_text(text):
    for mention in vocabulary.find(text):
        assert text[mention.start : mention.end] == mention.text
        assert mention.value in WORDS[mention.entity]


def test_the_plain_name_is_added_once_where_another_word_stands():
    assert vocabulary.expand("xanax and more xanax?") == "xanax and more xanax? (benzodiazepines)"
    assert vocabulary.expand("Are benzodiazepines ok?") == "Are benzodiazepines ok?"
    assert vocabulary.expand("hello") == "hello"


def test_an_empty_vocabulary_finds_nothing():
    assert Vocabulary({}).find("ptsd") == []
    assert Vocabulary({}).expand("ptsd") == "ptsd"
