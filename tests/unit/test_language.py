import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import detect_language


@pytest.mark.parametrize(
    "text",
    [
        "¿cuánto cuesta?",
        "CUANTO CUESTA EL TRATAMIENTO",
        "hola necesito ayuda",
        "mi hijo no quiere vivir",
        "la ketamina es segura para mi mama",
        "duele la inyeccion",
        "horarios y dirección",
    ],
)
def test_spanish_is_heard(text):
    assert detect_language(text) == "es"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ketamine",
        "?",
        "no",
        "how much is it",
        "does Medicare pay",
        "me and my mama",
        "🙂",
        "VA coverage",
        "meet at the café",
    ],
)
def test_what_is_not_plainly_spanish_counts_as_english(text):
    assert detect_language(text) == "en"


@given(st.text())
def test_any_text_has_a_language(text):
    assert detect_language(text) in ("en", "es")


def test_accents_may_be_composed_or_not():
    assert detect_language("¿cua\u0301nto?") == detect_language("¿cuánto?") == "es"


def test_labelled_messages_of_danger_are_told_apart(pytestconfig):
    """The Spanish texts of help are chosen by this, so it is measured on the tune part of the safety set."""
    lines = (pytestconfig.rootpath / "evaluation/safety/tune.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    spanish = [detect_language(r["text"]) == "es" for r in rows if r.get("lang") == "es"]
    english = [detect_language(r["text"]) == "en" for r in rows if r.get("lang") == "en"]
    assert min(len(spanish), len(english)) >= 50
    assert sum(spanish) / len(spanish) >= 0.95
    assert sum(english) / len(english) >= 0.99
