"""What is offered after an answer, and what becomes of a request about an answer that was never given."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.answering.answerer import PRICES, Answerer, Knowledge, Turn, Utterance, Wish
from bot.answering.conversation import Conversation, Said
from bot.answering.following import FollowUpRanker, FollowUps
from bot.answering.reply import Reply, quote
from bot.knowledge.model import KnowledgeBase
from bot.knowledge.parse import read_knowledge
from bot.rendering.plain import plain_text
from bot.retrieval.encoder import HashEncoder
from bot.retrieval.passages import Hit, Result
from bot.safety.gate import CALMS, DISTRESS, HEAVY, MOVES_ON, STANDS, Verdict

BASE = read_knowledge(Path(__file__).parents[2] / "knowledge")[0]
FOUND = next(p for p in BASE.passages if len(p.related) > 2)
NEAR = next(p for p in BASE.passages if p.id not in (FOUND.id, *FOUND.related))
NEXT = [BASE.by_id[name].heading for name in FOUND.related]


def reply_to(
    text: str, confidence: float = 0.9, intent: str = "ask_cost", shown: tuple[str, ...] = (), certainty: float = 1.0
) -> Reply:
    """The reply where a search finds `FOUND`, and `NEAR` behind it."""
    result = Result((Hit(FOUND, 1.0, {}), Hit(NEAR, 0.5, {})), confidence)
    search = SimpleNamespace(search=lambda *_, **__: result)
    answerer = Answerer(lambda: Knowledge(BASE, "1", {"en": search}), lambda *_: None, None)
    conversation = Conversation(tuple(Said("answer", None, None, (name,), ()) for name in shown))
    return answerer.reply(Turn(Utterance(text, intent, certainty=certainty), conversation=conversation))


def test_after_a_plain_question_what_was_found_nearly_as_well_is_offered_last():
    assert reply_to("what does a drip cost").suggestions == (*NEXT[:2], NEAR.heading)


@pytest.mark.parametrize("text", ["is a drip safer and cheaper", "price of a drip + spray"])
def test_after_what_may_be_two_questions_it_is_offered_first(text):
    assert reply_to(text).suggestions == (NEAR.heading, *NEXT[:2])


def test_nothing_is_offered_that_was_shown():
    story = "I have read about it for weeks now and there is one more thing that I would like to know before I decide. "
    text = story + "What does a drip cost"
    assert NEAR.heading in reply_to(text).suggestions
    assert NEAR.heading not in reply_to(text, shown=(NEAR.id,)).suggestions


def test_before_the_first_answer_a_request_for_more_may_be_a_question():
    assert reply_to("hedakes?", intent="request_more").passages == (FOUND.id,)
    assert reply_to("tell me more", confidence=0.5, intent="request_more").kind == "smalltalk"


@pytest.mark.parametrize(("certainty", "kind"), [(0.45, "answer"), (0.95, "smalltalk")])
def test_what_is_hardly_a_greeting_may_be_a_question(certainty, kind):
    assert reply_to("does anyone hold your hand", intent="greet", certainty=certainty).kind == kind
    assert reply_to("anyone there", confidence=0.5, intent="greet", certainty=certainty).kind == "smalltalk"


def test_a_question_is_no_refusal():
    assert reply_to("does that one hurt", intent="deny").passages == (FOUND.id,)
    assert reply_to("no thanks", intent="deny").kind == "smalltalk"


@pytest.mark.parametrize(
    ("text", "certainty", "about"),
    [("how is it given", 0.6, FOUND), ("how is it given", 0.95, NEAR), ("why?", 0.6, NEAR)],
)
def test_what_only_sounds_like_a_request_for_the_source_is_searched_for(text, certainty, about):
    reply = reply_to(text, intent="ask_source", shown=(NEAR.id,), certainty=certainty)
    assert reply.passages == (about.id,)


HELPED = Said("crisis", "third_party", None, (), ())


def after(
    *said: Said, is_judged: str | None = None, intent: str = "ask_cost", text: str = "what now", language: str = "en"
) -> Reply:
    """The reply to a message for which `FOUND` is found, after these replies."""
    search = SimpleNamespace(search=lambda *_, **__: Result((Hit(FOUND, 1.0, {}),), 0.9))
    judge = SimpleNamespace(judge=lambda _: is_judged) if is_judged else None
    answerer = Answerer(lambda: Knowledge(BASE, "1", {"en": search}), lambda *_: None, None, aftermath=judge)
    verdict = Verdict(None, 0.0, language)
    return answerer.reply(Turn(Utterance(text, intent), verdict=verdict, conversation=Conversation(said)))


@pytest.mark.parametrize("is_judged", [STANDS, None])
def test_what_stands_on_a_danger_that_was_told_gets_the_help_lines_again_and_no_passage(is_judged):
    reply = after(HELPED, is_judged=is_judged)
    assert (reply.kind, reply.tier, reply.passages) == ("crisis", "third_party", ())
    assert reply.resources
    assert said_by(after(HELPED, Said.of(reply), is_judged=is_judged)) != said_by(reply)


def test_small_talk_and_clinic_facts_do_not_end_that():
    assert after(HELPED, intent="thank").kind == "smalltalk"
    assert after(HELPED, Said("smalltalk", None, None, (), ()), Said("contact", None, None, (), ())).kind == "crisis"
    assert after(HELPED, intent="request_human").kind == "crisis"


def test_who_goes_on_to_something_else_after_a_danger_is_answered_beside_the_help_lines():
    reply = after(HELPED, is_judged=MOVES_ON)
    assert (reply.kind, reply.passages) == ("answer", (FOUND.id,))
    assert reply.resources
    assert after(HELPED, Said.of(reply)).kind == "answer"


def test_who_says_that_there_is_no_danger_is_heard_and_what_is_asked_beside_it_is_answered():
    heard = after(HELPED, is_judged=CALMS, text="no, i'm safe, i meant the bill")
    assert heard.kind == "smalltalk"
    assert "Thank you for telling me" in said_by(heard)
    assert "988" in said_by(heard)
    asked = after(HELPED, is_judged=CALMS, text="No, he's safe. Does it hurt?")
    assert (asked.kind, asked.passages) == ("answer", (FOUND.id,))
    emergency = after(Said("emergency", None, None, (), ()), is_judged=CALMS, text="it passed")
    assert "988" not in said_by(emergency)
    assert "911" in said_by(emergency)


def test_words_of_either_language_go_on_in_that_of_the_conversation():
    in_spanish = Said("crisis", "personal", None, (), (), "es")
    assert after(in_spanish, text="gracias", intent="thank").language == "es"
    assert after(in_spanish, text="thank you", intent="thank").language == "en"


def test_a_line_of_support_does_not_part_choices_from_what_announces_them():
    search = SimpleNamespace(search=lambda *_, **__: Result((Hit(FOUND, 1.0, {}), Hit(NEAR, 0.5, {})), 0.5))
    answerer = Answerer(lambda: Knowledge(BASE, "1", {"en": search}), lambda *_: None, None)
    reply = answerer.reply(Turn(Utterance("what would happen now", "ask_cost"), verdict=Verdict(HEAVY, 0.0, "en")))
    assert (reply.kind, reply.tier) == ("clarify", "distress")
    assert "988" in reply.paragraphs[0].text + reply.paragraphs[1].text
    assert "988" not in reply.paragraphs[-1].text


def test_who_was_just_consoled_is_not_consoled_in_the_same_words():
    answerer = Answerer(lambda: Knowledge(BASE, "1", {"en": nothing_found()}), lambda *_: None, None)
    sad = Turn(Utterance("i cry all day", "ask_cost"), verdict=Verdict(DISTRESS, 0.0, "en"))
    first = answerer.reply(sad)
    second = answerer.reply(replace(sad, conversation=Conversation([Said.of(first)])))
    assert "really hard" in said_by(first)
    assert "really hard" not in said_by(second)
    assert (second.tier, "988" in said_by(second)) == ("distress", True)


@pytest.mark.parametrize(
    ("text", "kind"), [("i cry all day", "smalltalk"), ("i cry all day. why is that", "no_answer")]
)
def test_who_tells_of_suffering_and_asks_nothing_is_not_told_that_there_is_no_answer(text, kind):
    answerer = Answerer(lambda: Knowledge(BASE, "1", {"en": nothing_found()}), lambda *_: None, None)
    sad = Verdict(DISTRESS, 0.0, "en")
    assert answerer.reply(Turn(Utterance(text, "ask_cost"), verdict=sad)).kind == kind
    assert answerer.reply(Turn(Utterance(text, "ask_cost"), verdict=replace(sad, label=HEAVY))).kind == "no_answer"


def nothing_found() -> SimpleNamespace:
    return SimpleNamespace(search=lambda *_, **__: Result((), 0.0))


def said_by(reply: Reply) -> str:
    return " ".join(paragraph.text for paragraph in reply.paragraphs)


@pytest.mark.parametrize(
    ("text", "kind"), [("fair enough", "smalltalk"), ("k", "smalltalk"), ("for how long", "answer"), ("hm?", "answer")]
)
def test_a_few_words_that_only_acknowledge_do_not_bring_the_same_passage_again(text, kind):
    assert reply_to(text, shown=(FOUND.id,)).kind == kind


def test_the_passage_just_shown_comes_again_with_a_word_on_why():
    (lead,) = BASE.replies["en"]["nearest_again"]
    again = reply_to("does it come back in winter", shown=(FOUND.id,))
    assert (again.kind, again.passages, again.paragraphs[0].text) == ("answer", (FOUND.id,), lead)
    assert lead not in said_by(reply_to("does it come back in winter", shown=(FOUND.id, NEAR.id)))
    assert lead not in said_by(reply_to("does it come back in winter"))


def test_the_clinic_s_own_prices_stand_before_those_of_others_once():
    iv, series = (BASE.by_id[name] for name in PRICES)
    own = BASE.clinic.prices[0].price

    def asked(base: KnowledgeBase, *shown: str) -> Reply:
        search = SimpleNamespace(search=lambda *_, **__: Result((Hit(iv, 1.0, {}),), 0.9))
        answerer = Answerer(lambda: Knowledge(base, "1", {"en": search}), lambda *_: None, None)
        said = Conversation(tuple(Said("answer", None, None, (name,), ()) for name in shown))
        return answerer.reply(Turn(Utterance("what does a drip cost", "ask_cost"), conversation=said))

    first = asked(BASE)
    assert (first.kind, first.passages) == ("answer", (iv.id,))
    assert own in said_by(first)
    assert own not in first.paragraphs[-1].text
    assert own not in said_by(asked(BASE, series.id, NEAR.id))
    unpriced = replace(BASE, clinic=replace(BASE.clinic, prices=()))
    assert asked(unpriced).paragraphs == quote([iv], unpriced)[0]


def test_what_is_only_told_is_taken_for_that_unless_it_is_a_wish_for_advice():
    search = SimpleNamespace(search=lambda *_, **__: Result((Hit(FOUND, 1.0, {}),), 0.5))

    def told(advice: Wish | None) -> str:
        judge = SimpleNamespace(judge=lambda _: advice)
        answerer = Answerer(lambda: Knowledge(BASE, "1", {"en": search}), lambda *_: None, judge)
        return answerer.reply(Turn(Utterance("guess I will skip my pills then", "tell", certainty=0.9))).kind

    assert told(None) == "smalltalk"
    assert told(Wish("E-2")) == "declined"
    assert told(Wish("E-2", is_sure=False)) == "smalltalk"


@pytest.mark.parametrize(
    ("is_sure", "confidence", "kind"),
    [(True, 0.99, "declined"), (False, 0.99, "answer"), (False, 0.8, "declined"), (False, 0.1, "declined")],
)
def test_what_may_be_a_wish_for_advice_is_answered_where_the_search_is_sure(is_sure, confidence, kind):
    search = SimpleNamespace(search=lambda *_, **__: Result((Hit(FOUND, 1.0, {}),), confidence))
    judge = SimpleNamespace(judge=lambda _: Wish("E-2", is_sure))
    answerer = Answerer(lambda: Knowledge(BASE, "1", {"en": search}), lambda *_: None, judge)
    assert answerer.reply(Turn(Utterance("can i pay for my pills with the card", "ask_cost"))).kind == kind


def test_where_a_whole_story_finds_nothing_what_its_question_finds_is_offered():
    story = "I drove a bus until my back went, then my wife went, then the dog, and I walk a lot now. " * 2

    def found(text: str, **_: object) -> Result:
        return Result((Hit(FOUND, 1.0, {}), Hit(NEAR, 0.5, {})), 0.9 if text == "How long is a visit?" else 0.1)

    search = SimpleNamespace(search=found)
    answerer = Answerer(lambda: Knowledge(BASE, "1", {"en": search}), lambda _, text, __: text, None)
    asked = Utterance("How long is a visit?", "ask_session")
    offered = answerer.reply(Turn(Utterance(story + asked.text, "ask_session"), (asked,)))
    assert (offered.kind, offered.suggestions) == ("clarify", (FOUND.heading, NEAR.heading))
    assert answerer.reply(Turn(Utterance(story, "ask_session"))).kind == "no_answer"


def in_spanish(text: str, confidence: float, said: tuple[Said, ...] = (), advice: Wish | None = None) -> Reply:
    """The reply to a Spanish message for which the English passages `FOUND` and `NEAR` are found."""
    result = Result((Hit(FOUND, 1.0, {}), Hit(NEAR, 0.5, {})), confidence)
    search = SimpleNamespace(search=lambda *_, **__: result)
    judge = SimpleNamespace(judge=lambda _: advice)
    answerer = Answerer(lambda: Knowledge(BASE, "1", {"en": search}), lambda *_: None, judge)
    verdict = Verdict(None, 0.0, "es")
    return answerer.reply(Turn(Utterance(text, "ask_cost"), verdict=verdict, conversation=Conversation(said)))


def test_a_spanish_question_is_offered_the_english_answer_and_gets_it_when_it_picks_it():
    offered = in_spanish("¿cuánto cuesta una infusión?", 0.6)
    assert (offered.kind, offered.suggestions) == ("clarify", (FOUND.heading, NEAR.heading))
    assert BASE.clinic.phone in " ".join(p.text for p in offered.paragraphs)
    said = Said(offered.kind, None, offered.topic, offered.passages, offered.suggestions)
    picked = in_spanish("2", 0.6, (said,))
    assert (picked.kind, picked.passages, picked.language) == ("answer", (NEAR.id,), "es")


def test_after_an_english_answer_unsure_small_talk_in_spanish_is_answered_too():
    search = SimpleNamespace(search=lambda *_, **__: Result((Hit(FOUND, 1.0, {}),), 0.5))
    follow_ups = FollowUps(FollowUpRanker(), HashEncoder())
    answerer = Answerer(lambda: Knowledge(BASE, "1", {"en": search}), lambda *_: None, None, follow_ups)
    said = Said("answer", None, FOUND.topic, (FOUND.id,), ())
    turn = Turn(
        Utterance("muchas gracias", "thank", certainty=0.6), (), Verdict(None, 0.0, "es"), Conversation((said,))
    )
    assert (answerer.reply(turn).kind, answerer.reply(turn).language) == ("smalltalk", "es")


def test_what_no_english_passage_answers_either_is_said_to_have_no_answer():
    assert in_spanish("¿qué película me recomiendas?", 0.1).kind == "no_answer"


def test_a_wish_for_advice_is_declined_in_spanish_and_general_passages_in_english_are_offered():
    reply = in_spanish("¿dejo la sertralina?", 0.9, advice=Wish("E-2"))
    assert (reply.kind, reply.language, reply.citations) == ("declined", "es", ())
    assert reply.suggestions == (FOUND.heading,)
    assert "No puedo" in " ".join(p.text for p in reply.paragraphs)


def joined(whole: float, first: float, second: float) -> Reply:
    """The reply to a message with two questions, `FOUND` and `NEAR`, that are found as surely as this."""
    hits = {"is it safe and cheap": (FOUND, whole), "is it safe": (FOUND, first), "is it cheap": (NEAR, second)}

    def found(text: str, **_: object) -> Result:
        passage, confidence = hits[text]
        return Result((Hit(passage, 1.0, {}), Hit(FOUND if passage is NEAR else NEAR, 0.5, {})), confidence)

    search = SimpleNamespace(search=found)
    answerer = Answerer(lambda: Knowledge(BASE, "1", {"en": search}), lambda _, text, __: text, None)
    parts = tuple(Utterance(text, "ask_cost") for text in list(hits)[1:])
    return answerer.reply(Turn(Utterance("is it safe and cheap", "ask_cost"), parts))


def test_of_two_questions_the_one_without_an_answer_is_said_to_have_none():
    reply = joined(whole=0.1, first=0.9, second=0.1)
    assert reply.passages == (FOUND.id,)
    assert "reviewed answer to the rest" in reply.paragraphs[-1].text


@pytest.mark.parametrize(("sure", "shown"), [(0.95, 1), (0.5, 2)])
def test_what_is_surely_one_question_is_not_taken_apart(sure, shown):
    hits = {"it wore off": (FOUND, sure), "is that common": (NEAR, 0.9), "what then": (BASE.passages[-1], 0.9)}
    search = SimpleNamespace(search=lambda text, **_: Result((Hit(hits[text][0], 1.0, {}),), hits[text][1]))
    answerer = Answerer(lambda: Knowledge(BASE, "1", {"en": search}), lambda _, text, __: text, None)
    parts = (Utterance("is that common", "ask_cost"), Utterance("what then", "ask_cost"))
    reply = answerer.reply(Turn(Utterance("it wore off", "ask_cost"), parts))
    assert len(reply.passages) == shown
    assert (FOUND.id in reply.passages) == (shown == 1)


def test_a_refusal_is_told_in_full_wherever_it_stands():
    search = SimpleNamespace(search=lambda passage, **_: Result((Hit(passage, 1.0, {}),), 0.9))
    passages = {"how long": FOUND, "what price": NEAR, "do I stop my pills": BASE.passages[-1]}
    advice = SimpleNamespace(judge=lambda text: Wish("E-2") if "pills" in text else None)
    answerer = Answerer(lambda: Knowledge(BASE, "1", {"en": search}), lambda _, text, __: passages[text], advice)
    parts = tuple(Utterance(text, "ask_cost") for text in passages)
    reply = answerer.reply(Turn(Utterance("how long, what price, do I stop my pills", "ask_cost"), parts))
    assert reply.kind == "declined"
    assert BASE.replies["en"]["declined"]["E-2"]["say"] in " ".join(p.text for p in reply.paragraphs)


def test_clinic_facts_before_it_leave_an_answer_in_full():
    search = SimpleNamespace(search=lambda *_, **__: Result((Hit(FOUND, 1.0, {}),), 0.9))
    answerer = Answerer(lambda: Knowledge(BASE, "1", {"en": search}), lambda *_: None, None)
    asked = {"your number": "ask_phone", "your hours": "ask_hours", "how long": "ask_cost"}
    parts = tuple(Utterance(text, intent) for text, intent in asked.items())
    reply = answerer.reply(Turn(Utterance("your number, your hours, how long", "ask_cost", certainty=0.0), parts))
    assert (reply.kind, reply.passages, reply.topic) == ("answer", (FOUND.id,), FOUND.topic)
    assert reply.citations


def test_of_two_questions_the_unclear_one_is_offered():
    reply = joined(whole=0.5, first=0.9, second=0.35)
    assert reply.passages == (FOUND.id,)
    assert reply.suggestions == (NEAR.heading,)
    assert f"1. {NEAR.heading}" in plain_text(reply, {"sources": "Sources:", "reviewed": "{date}"})
    assert "reviewed answer to the rest" not in " ".join(p.text for p in reply.paragraphs)


@pytest.mark.parametrize("second", [0.1, 0.35])
def test_a_message_that_is_understood_as_a_whole_is_not_said_to_be_answered_in_part(second):
    reply = joined(whole=0.9, first=0.9, second=second)
    assert reply.passages == (FOUND.id,)
    assert "rest" not in reply.paragraphs[-1].text
    assert joined(whole=0.1, first=0.1, second=0.1).kind == "no_answer"
