"""What a client of Rasa's REST channel gets: one complete, cited reply a message."""

import re

import pytest

pytestmark = pytest.mark.server

ANSWERABLE = "What are the common side effects of ketamine?"


def test_a_question_gets_one_cited_reply(ask):
    reply = ask(ANSWERABLE, "rest-1")
    custom = reply["custom"]
    assert custom["kind"] == "answer"
    assert custom["topic"] == "safety"
    numbers = [c["number"] for c in custom["citations"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {n for p in custom["paragraphs"] for n in p["citations"]} == set(numbers)
    assert reply["recipient_id"] == "rest-1"


def test_the_text_alone_is_complete(ask):
    reply = ask(ANSWERABLE)
    for citation in reply["custom"]["citations"]:
        assert f"[{citation['number']}]" in reply["text"]
        assert citation["url"] in reply["text"]
    for paragraph in reply["custom"]["paragraphs"]:
        assert re.sub(r"\s+", " ", paragraph["text"]) in reply["text"]


def test_the_notice_belongs_to_the_first_reply_of_a_conversation(ask):
    first, second = ask("hello", "rest-notice"), ask(ANSWERABLE, "rest-notice")
    assert "automated" in first["custom"]["notice"]
    assert not second["custom"]["notice"]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("hello", "smalltalk"),
        ("thank you", "smalltalk"),
        ("are you a robot?", "smalltalk"),
        ("what are your opening hours?", "contact"),
        ("I want to talk to a person", "contact"),
        ("who won the world cup in 1998?", "no_answer"),
        ("how much does an infusion cost", "answer"),
        ("I want to kill myself", "crisis"),
        ("I am going to kill myself tonight", "crisis"),
        ("he took too much and is not breathing", "emergency"),
        ("quiero matarme", "crisis"),
    ],
)
def test_each_kind_of_message_gets_its_kind_of_reply(ask, message, kind):
    custom = ask(message)["custom"]
    assert custom["kind"] == kind
    assert custom["schema"] == "reply/1"
    assert custom["citations"] or kind != "answer"


def test_help_stays_with_the_conversation_and_does_not_repeat_itself(ask):
    first = ask("I want to kill myself", "rest-crisis")
    assert "988" in first["text"]
    assert first["custom"]["resources"]
    again = ask("i said i want to kill myself", "rest-crisis")
    assert again["custom"]["kind"] == "crisis"
    assert again["custom"]["resources"]
    assert len(again["text"]) < len(first["text"])
    after = ask("just kidding. what does it cost?", "rest-crisis")
    assert after["custom"]["kind"] in ("answer", "clarify", "declined", "no_answer")
    assert "988" in after["text"]
    assert after["custom"]["resources"]
    assert not ask("what does it cost?", "rest-other")["custom"]["resources"]


def test_health_readiness_and_metrics(get, ask):
    assert get("/healthz").status == 200
    ready = get("/readyz")
    assert (ready.status, ready.messages["model"], ready.messages["index"]) == (200, True, True)
    ask(ANSWERABLE)
    metrics = get("/metrics")
    assert metrics.status == 200
    assert re.search(r'^faqbot_replies_total\{.*kind="answer".*\} [1-9]', metrics.body, re.M)
    assert re.search(r"^faqbot_knowledge_valid 1\.0$", metrics.body, re.M)
    assert "side effects" not in metrics.body


@pytest.mark.parametrize("path", ["/conversations/rest-1/tracker", "/model", "/status", "/domain"])
def test_rasas_own_management_addresses_are_closed(get, path):
    assert get(path).status == 404


def test_after_help_in_spanish_thanks_are_answered_in_spanish_with_the_emergency_number(ask):
    first = ask("hola, mi hijo no responde y tiene los labios azules", "rest-spanish-help")
    assert first["custom"]["kind"] == "emergency"
    thanks = ask("gracias", "rest-spanish-help")
    assert "De nada" in thanks["text"]
    assert "911" in thanks["text"]
    assert "988" not in thanks["text"]


def test_help_that_comes_again_is_not_told_in_the_same_words_twice_running(ask):
    told = [ask("i want to kill myself", "rest-again")["text"]]
    told += [
        ask(text, "rest-again")["text"] for text in ("what do i do now", "i want to kill myself", "what do i do now")
    ]
    assert all(one != other for one, other in zip(told, told[1:], strict=False))
