"""Passages that the clinic withholds once they are overdue for review."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.answering.answerer import Answerer, Knowledge, Turn, Utterance
from bot.answering.conversation import Conversation, Said
from bot.knowledge.parse import read_knowledge
from bot.retrieval.passages import Hit, Result

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
TODAY = date(2026, 1, 1)


@pytest.fixture
def results():
    """Two passages that were found, of which the first, or the second, is overdue."""
    first, second = read_knowledge(KNOWLEDGE)[0].passages[:2]
    old, new = TODAY - timedelta(days=1), TODAY + timedelta(days=1)

    def found(overdue: int) -> Result:
        passages = [replace(p, review_by=old if n == overdue else new) for n, p in enumerate((first, second))]
        return Result(tuple(Hit(p, 1.0, {}) for p in passages), 0.9)

    return found


def kept(result: Result, policy: str) -> Result:
    answerer = Answerer(lambda: None, lambda *_: None, None, today=lambda: TODAY)
    return answerer.without_withheld(
        result, SimpleNamespace(base=SimpleNamespace(clinic=SimpleNamespace(overdue_passages=policy)))
    )


@pytest.mark.parametrize(("overdue", "confidence"), [(0, 0.0), (1, 0.9)])
def test_what_is_left_is_as_sure_as_before_only_if_it_led_before(results, overdue, confidence):
    result = results(overdue)
    assert kept(result, "withhold") == Result((result.hits[1 - overdue],), confidence)


def test_clinic_that_labels_them_withholds_none(results):
    assert kept(results(0), "label") == results(0)


def answers_to(text: str, conversation: Conversation, overdue: str) -> tuple[str, ...]:
    """The passages shown and choices offered, with one passage overdue and withheld, and a search that finds none."""
    base = read_knowledge(KNOWLEDGE)[0]
    new, old = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
    passages = tuple(replace(p, review_by=old if p.id == overdue else new) for p in base.passages)
    base = replace(base, passages=passages, clinic=replace(base.clinic, overdue_passages="withhold"))
    nothing = SimpleNamespace(search=lambda *_, **__: Result((), 0.0))
    answerer = Answerer(lambda: Knowledge(base, "1", {"en": nothing}), lambda *_: None, None, today=lambda: TODAY)
    reply = answerer.reply(Turn(Utterance(text, "greet" if text == "hello" else "ask_cost"), conversation=conversation))
    return (*reply.passages, *reply.suggestions)


@pytest.mark.parametrize("intent", ["ask_cost", "request_more", "request_shorter"])
def test_however_an_overdue_passage_is_shown_it_is_said_to_be_overdue(intent):
    base = read_knowledge(KNOWLEDGE)[0]
    base = replace(base, clinic=replace(base.clinic, overdue_passages="label"))
    shown = next(p for p in base.passages if p.related)
    search = SimpleNamespace(search=lambda *_, **__: Result((Hit(shown, 1.0, {}),), 0.9))
    answerer = Answerer(
        lambda: Knowledge(base, "1", {"en": search}), lambda *_: None, None, today=lambda: date(2100, 1, 1)
    )
    said = Conversation((Said("answer", None, None, (shown.id,), ()),))
    reply = answerer.reply(Turn(Utterance("go on?", intent), conversation=said))
    assert base.replies["en"]["labels"]["overdue"][:20] in reply.paragraphs[-1].text


def test_a_withheld_passage_is_neither_offered_nor_shown_when_its_heading_is_pressed():
    said = Conversation((Said("smalltalk", None, None, (), ()),))
    known = read_knowledge(KNOWLEDGE)[0].by_id
    name = "basics/what-is-ketamine#therapy"
    heading = known[name].heading
    assert heading in answers_to("hello", said, overdue="another")
    assert heading not in answers_to("hello", said, overdue=name)
    assert name in answers_to(heading, said, overdue="another")
    assert name not in answers_to(heading, said, overdue=name)
