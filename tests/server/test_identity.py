"""A conversation belongs to one visitor."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

pytestmark = pytest.mark.server

QUESTIONS = {
    "What are the common side effects of ketamine?": "safety",
    "What does an IV ketamine infusion cost?": "cost",
    "How does ketamine work in the brain?": "how-it-works",
    "What happens on the day of a session?": "sessions",
    "Is ketamine addictive?": "dependence",
}


def test_without_a_sender_each_message_is_a_conversation_of_its_own(ask):
    first, second = ask("I want to kill myself"), ask("what does it cost?")
    assert first["recipient_id"] != second["recipient_id"]
    assert second["custom"]["notice"]
    assert not second["custom"]["resources"]


@pytest.mark.parametrize("sender", ["default", "None", "null", "0"])
def test_no_name_is_shared_by_accident(ask, sender):
    ask("I want to kill myself", None)
    assert not ask("what does it cost?", f"identity-{sender}")["custom"]["resources"]


def test_a_null_sender_is_no_sender(post):
    answers = [post(b'{"sender": null, "message": "what does it cost?"}').messages[0] for _ in range(2)]
    assert answers[0]["recipient_id"] != answers[1]["recipient_id"]
    assert all(answer["custom"]["notice"] for answer in answers)


@pytest.mark.parametrize("other", ["identity-Ab", "identity-ab ", "identity-a", "rest:identity-ab"])
def test_names_that_differ_a_little_are_different_visitors(ask, other):
    ask("I want to kill myself", "identity-ab")
    reply = ask("what does it cost?", other)
    assert not reply["custom"]["resources"]


def test_fifty_at_once_each_get_their_own_reply(ask):
    questions = [list(QUESTIONS)[n % len(QUESTIONS)] for n in range(50)]
    alone = {question: ask(question)["text"] for question in QUESTIONS}
    with ThreadPoolExecutor(50) as pool:
        replies = list(pool.map(lambda n: ask(questions[n], f"identity-crowd-{n}"), range(50)))
    for n, reply in enumerate(replies):
        assert reply["recipient_id"] == f"identity-crowd-{n}"
        assert reply["custom"]["topic"] == QUESTIONS[questions[n]]
        assert reply["text"] == alone[questions[n]]


def test_messages_of_one_visitor_at_once_all_get_a_reply(post):
    body = json.dumps({"sender": "identity-hasty", "message": "is it safe?"}).encode()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(body), range(4)))
    assert [len(answer.messages) for answer in answers] == [1] * 4
    assert all(answer.messages[0]["text"] for answer in answers)
