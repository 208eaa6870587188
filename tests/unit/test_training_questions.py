"""What the encoder of questions learns from."""

from pathlib import Path

from bot.knowledge.parse import read_knowledge
from bot.training.question_encoder import asked_in, train_part

KNOWLEDGE = read_knowledge(Path("knowledge"))[0]
PTSD, PAIN = "effectiveness/ptsd#does-it-help", "effectiveness/pain#fibromyalgia"


def turn(text: str, passage: str, follow_up: str) -> dict[str, object]:
    return {"text": text, "kind": "answer", "passages": [passage], "follow_up": follow_up}


def test_a_turn_is_learnt_behind_the_best_replies_before_it() -> None:
    turns = [turn("does it help ptsd", PTSD, "first"), turn("and fibro", PAIN, "condition")]
    first, second = asked_in("c", turns, KNOWLEDGE)
    assert not first.conversation.has_subject
    assert second.conversation.last_passage == PTSD
    assert second.passages == (PAIN,)


def test_what_no_search_decides_is_not_learnt_but_remembered() -> None:
    turns = [
        turn("does it help ptsd", PTSD, "first"),
        turn("says who", PTSD, "source"),
        turn("pain?", PAIN, "condition"),
    ]
    texts = [asked.text for asked in asked_in("c", turns, KNOWLEDGE)]
    assert texts == ["does it help ptsd", "pain?"]


def test_small_talk_and_uncovered_questions_stand_beside_the_answerable_ones() -> None:
    asked = train_part(KNOWLEDGE)
    unanswered = [turn for turn in asked if not turn.passages]
    assert 0 < len(unanswered) < len(asked) / 2
    assert any(turn.text == turn.name for turn in unanswered)
    assert all(name in KNOWLEDGE.by_id for turn in asked for name in turn.passages)
