"""The record of conversations: what the bot said, for half an hour, and not a word of the visitor's."""

import asyncio
import sqlite3
import time

import pytest
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.answering.conversation import Conversation, Said
from bot.rasa import conversations
from bot.rasa.conversations import KEEP_REPLIES, SAID, ConversationStore

MARKER = "xylophonemarker"
DOMAIN = Domain.empty()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "var/conversations.db"


@pytest.fixture
def store(path):
    return ConversationStore(DOMAIN, url=f"sqlite:///{path}", expire_minutes=30)


def said(kind="answer", *passages):
    return BotUttered("", metadata={SAID: Said(kind, None, "safety", passages, ()).as_dict()})


def save(store, sender, *events):
    asyncio.run(store.save(DialogueStateTracker.from_events(sender, list(events), domain=DOMAIN)))


def replies(store, sender):
    tracker = asyncio.run(store.retrieve(sender))
    return (
        None if tracker is None else [e.metadata[SAID]["passages"] for e in tracker.events if isinstance(e, BotUttered)]
    )


def test_what_the_bot_said_is_there_in_the_next_turn(store, path):
    save(store, "a", SessionStarted(), said("answer", "p#1"), said("answer", "p#2"))
    assert replies(ConversationStore(DOMAIN, url=f"sqlite:///{path}"), "a") == [["p#1"], ["p#2"]]


def test_rasa_opens_the_database_that_the_endpoints_name(path):
    endpoint = EndpointConfig(f"sqlite:///{path}", type="bot.rasa.conversations.ConversationStore", expire_minutes=30)
    save(TrackerStore.create(endpoint, DOMAIN), "a", said("answer", "p#1"))
    assert replies(ConversationStore(DOMAIN, url=f"sqlite:///{path}"), "a") == [["p#1"]]


def test_a_conversation_belongs_to_its_sender(store):
    save(store, "a", said("answer", "p#1"))
    assert replies(store, "b") is None
    assert replies(store, "A") is None


def test_no_word_of_the_visitor_is_written(store, path):
    save(
        store,
        "a",
        UserUttered(f"my name is {MARKER}", parse_data={"text": MARKER, "intent": {"name": MARKER}}),
        SlotSet("session_started_metadata", {"note": MARKER}),
        BotUttered(MARKER, data={"text": MARKER}, metadata={"other": MARKER}),
        said(),
    )
    stored = b"".join(p.read_bytes() for p in path.parent.iterdir())
    assert b"answer" in stored
    assert MARKER.encode() not in stored


def test_a_tracker_listens_and_a_turn_costs_the_same_after_many(store):
    save(store, "a", *[said("answer", f"p#{n}") for n in range(200)])
    tracker = asyncio.run(store.retrieve("a"))
    assert tracker.latest_action_name == "action_listen"
    assert replies(store, "a") == [[f"p#{n}"] for n in range(200 - KEEP_REPLIES, 200)]


def test_of_earlier_replies_those_of_the_gate_stay(store):
    save(store, "a", said("crisis"), said("emergency"), *[said("answer", f"p#{n}") for n in range(60)])
    assert len(replies(store, "a")) == KEEP_REPLIES + 2
    tracker = asyncio.run(store.retrieve("a"))
    kinds = [e.metadata[SAID]["kind"] for e in tracker.events if isinstance(e, BotUttered)]
    assert kinds[:3] == ["crisis", "emergency", "answer"]


def test_a_new_session_begins_with_nothing_said(store):
    save(store, "a", said("answer", "p#1"), SessionStarted(), said("answer", "p#2"))
    assert replies(store, "a") == [["p#2"]]


def test_a_conversation_is_forgotten_after_its_time(store, path, monkeypatch):
    save(store, "a", said("answer", "p#1"))
    now = time.time()
    monkeypatch.setattr(conversations.time, "time", lambda: now + 29 * 60)
    assert replies(store, "a") == [["p#1"]]
    monkeypatch.setattr(conversations.time, "time", lambda: now + 31 * 60)
    assert replies(store, "a") is None
    assert asyncio.run(store.keys()) == []
    save(store, "b", said())
    assert [row[0] for row in sqlite3.connect(path).execute("select id from conversations")] == ["b"]


def test_each_message_keeps_a_conversation_alive(store, monkeypatch):
    now = time.time()
    for minutes in (0, 20, 40, 60):
        monkeypatch.setattr(conversations.time, "time", lambda minutes=minutes: now + minutes * 60)
        save(store, "a", said("answer", f"p#{minutes}"))
    assert replies(store, "a") == [["p#60"]]


@pytest.mark.parametrize("sender", ["x" * 300, "a'; drop table conversations; --", "🙂", "a/b:c", " "], ids=ascii)
def test_any_sender_has_a_conversation(store, sender):
    save(store, sender, said("answer", "p#1"))
    assert replies(store, sender) == [["p#1"]]


def test_a_database_that_is_away_does_not_stop_the_start(tmp_path):
    (tmp_path / "file").write_text("")
    store = ConversationStore(DOMAIN, url=f"sqlite:///{tmp_path}/file/conversations.db")
    assert asyncio.run(store.retrieve("a")) is None


def test_a_database_that_fails_is_logged_without_a_word_of_the_conversation(store, caplog):
    save(store, "conversation-of-ann", said("answer", "p#1"))
    with store._engine.begin() as connection:
        connection.exec_driver_sql("drop table conversations")
    save(store, "conversation-of-ann", said("crisis"))
    assert asyncio.run(store.retrieve("conversation-of-ann")) is None
    assert "OperationalError" in caplog.text
    assert "ann" not in caplog.text
    assert "crisis" not in caplog.text


def test_a_new_conversation_is_not_written_before_its_first_reply(store):
    tracker = asyncio.run(store.create_tracker("a"))
    assert isinstance(tracker.events[-1], ActionExecuted)
    assert replies(store, "a") is None


def test_what_was_said_survives_its_storage():
    one = Said("crisis", "personal", None, ("a#b",), ("More?",))
    assert Said.from_dict(one.as_dict()) == one
    assert Said.from_dict({}) == Said("", None, None, (), ())
    assert Said.from_dict({"tier": 3, "passages": "no list", "suggestions": None}).passages == ()


def test_help_once_shown_stays_for_the_conversation():
    plain, crisis = Said("answer", None, "safety", ("p#1",), ()), Said("crisis", "personal", None, (), ())
    assert Conversation().is_first
    assert Conversation([plain]).help is None
    conversation = Conversation([crisis, plain, plain])
    assert conversation.help == "personal"
    assert (conversation.times("personal"), conversation.times("imminent")) == (1, 0)
    assert conversation.shown == {"p#1"}
    assert Conversation([Said("emergency", None, None, (), ())]).times("emergency") == 1
