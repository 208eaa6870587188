import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.vocabulary import Vocabulary
from bot.retrieval.normalise import Normaliser, words_of

VOCABULARY = Vocabulary({"medicine": {"benzodiazepine": ("benzodiazepines", "xanax")}})
normalise = Normaliser(
    VOCABULARY, frozenset({"ketamine", "infusion", "depression", "bladder"}), frozenset({"lader", "mine"})
)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("is ketmine safe", "is ketamine safe"),
        ("keatmine", "ketamine"),
        ("infusoin for deppresion", "infusion for depression"),
        ("is it ok w my meds", "is it ok with my medicines"),
        ("how do u feel", "how do you feel"),
        ("dont", "don't"),
        ("Ketamine", "Ketamine"),
        ("lader", "lader"),
        ("xanax?", "xanax? (benzodiazepines)"),
        ("", ""),
        ("🙂 ¿qué?", "🙂 ¿qué?"),
    ],
)
def test_a_question_is_read_as_it_was_meant(typed, read):
    assert normalise(typed) == read


def test_a_short_or_known_word_is_never_guessed():
    assert normalise("mine kat") == "mine kat"


@given(st.lists(st.sampled_from(["ketamine", "infusion", "mine", "9", "ok?"]), max_size=8))
def test_words_that_are_right_stay(words):
    assert normalise(" ".join(words)) == " ".join(words)


@given(st.text(max_size=80))
def test_any_text_can_be_read(text):
    assert normalise(normalise(text)) is not None


def test_words_are_gathered_from_all_texts():
    assert words_of(["Is it safe?", "Is IT, or isn’t it?"]) == {"is", "it", "safe", "or", "isn't"}
