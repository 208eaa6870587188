import asyncio

import pytest
from standin import BOT, direct, envelope, mention, press

from bot.errors import UsageError
from bot.rasa.channels import slack
from bot.rasa.channels.slack import TURNS, Seen, SlackChannel, from_click, from_event, typed


def test_watched_channel_is_answered_without_a_mention_and_no_other():
    event = direct("hello", 1, channel="C0WATCHED", channel_type="channel")
    assert from_event(envelope(event, "Ev1"), "C0WATCHED")
    assert from_event(envelope(event, "Ev1"), "C0OTHER") is None


def test_mention_and_message_of_a_watched_channel_share_a_name():
    heard = from_event(envelope(direct("hello", 2, channel="C000002"), "EvA"), "C000002")
    called = from_event(envelope(mention("hello", 2), "EvB"))
    assert set(heard.names) & set(called.names)


def test_direct_messages_of_one_person_are_one_conversation_inside_and_outside_threads():
    first = from_event(envelope(direct("hello", 3), "EvA"))
    second = from_event(envelope(direct("hello", 3, ts="1780000001.000001", thread_ts="1780000000.000003"), "EvB"))
    assert first.conversation == second.conversation
    assert (first.reply_thread, second.reply_thread) == (None, "1780000000.000003")


def test_mentions_outside_a_thread_are_conversations_of_their_own():
    first = from_event(envelope(mention("hello", 4), "EvA"))
    second = from_event(envelope(mention("hello", 4, ts="1780000001.000004"), "EvB"))
    assert first.conversation != second.conversation


def test_button_goes_on_with_the_conversation_that_it_was_shown_in():
    button = {"type": "button", "value": "Is it safe?", "action_id": "choice-1"}
    asked = from_event(envelope(mention("hello", 5), "EvA"))
    pressed = from_click(press(button, 5, "C000005", thread=asked.reply_thread))
    assert (pressed.conversation, pressed.reply_thread) == (asked.conversation, asked.reply_thread)


@pytest.mark.parametrize("action", [{"type": "static_select"}, {"type": "button", "url": "https://a.example"}])
def test_what_is_no_choice_of_a_reply_is_left_alone(action: dict):
    assert from_click(press(action, 6, "D000006")) is None


@pytest.mark.parametrize("payload", [{}, {"event": None}, {"event": []}, {"event": {}}, {"type": "app_rate_limited"}])
def test_payload_without_a_message_is_left_alone(payload: dict):
    assert from_event(payload) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"<@{BOT}> hello", "hello"),
        ("<https://a.example|want to die>", "want to die"),
        ("<https://a.example>", "https://a.example"),
        ("<mailto:a@b.example|a@b.example> <tel:988|988>", "a@b.example 988"),
        ("<!here> in <#C1|general>", "in general"),
        ("1 &lt; 2 &amp;amp; 3", "1 < 2 &amp; 3"),
    ],
)
def test_slacks_notation_is_taken_back(text: str, expected: str):
    assert typed(text) == expected


def test_memory_of_deliveries_is_bounded():
    seen = Seen(limit=4)
    assert seen.is_new(("a", "b"))
    assert not seen.is_new(("b", "c"))
    assert seen.is_new(("d", "e"))
    assert seen.is_new(("a",))


@pytest.mark.parametrize(("token", "secret"), [("xoxb-1", ""), ("", "s")])
def test_one_secret_without_the_other_is_said_and_not_served(token: str, secret: str):
    with pytest.raises(UsageError, match="SLACK_SIGNING_SECRET" if token else "SLACK_BOT_TOKEN"):
        SlackChannel(token, secret)


def test_slack_is_off_without_secrets():
    channel = SlackChannel.from_credentials({"slack_token": "", "slack_signing_secret": ""})
    assert not channel.is_on
    assert channel.blueprint(lambda message: None).routes == []


def test_help_waits_for_no_other_answer(monkeypatch):
    answered = []

    async def take_turn(deliver, conversation, text, channel):
        if text == "hello":
            await asyncio.sleep(60)
        return text

    async def post(delivery, message):
        answered.append(message)

    async def busy():
        channel = SlackChannel("xoxb-1", "secret")
        monkeypatch.setattr(channel, "_post", post)
        texts = [*["hello"] * (TURNS + 1), "I want to kill myself tonight"]
        heard = [from_event(envelope(direct(text, n), f"Ev{n}")) for n, text in enumerate(texts)]
        tasks = [asyncio.ensure_future(channel._answer(None, delivery)) for delivery in heard]
        await asyncio.wait(tasks, timeout=1)
        for task in tasks:
            task.cancel()

    monkeypatch.setattr(slack, "take_turn", take_turn)
    asyncio.run(busy())
    assert answered == ["I want to kill myself tonight"]
