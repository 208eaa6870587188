import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from connected import connect
from limits import faults
from standin import BOT, SECRET, Sender, Slack, Trouble, direct, mention, press

pytestmark = pytest.mark.server

QUESTION = "Is ketamine therapy safe?"
# What Slack says of why it delivers again: docs.slack.dev/apis/events-api, "Error handling".
REASONS = (
    "http_timeout",
    "too_many_redirects",
    "connection_failed",
    "ssl_error",
    "http_error",
    "unexpected_response_code",
    "unknown_error",
)


def settled(slack: Slack, seconds: float = 0.7) -> list[dict]:
    """The posts once none has come for a while."""
    known = -1
    while known != len(slack.posts):
        known = len(slack.posts)
        time.sleep(seconds)
    return slack.posts


def shown(post: dict) -> str:
    return json.dumps(post["blocks"], ensure_ascii=False)


def test_direct_message_is_answered_with_sources_in_blocks(slack: Slack, sender: Sender):
    assert sender.event(direct(QUESTION, 1), "Ev1").status == 200
    post = slack.reply("D000001")
    kinds = [block["type"] for block in post["blocks"]]
    assert kinds[0] == "context"
    assert "section" in kinds
    assert "<https://" in post["blocks"][kinds.index("section")]["text"]["text"]
    sources = [block for block in post["blocks"] if "Sources:" in json.dumps(block)]
    assert sources[0]["type"] == "context"
    assert "not medical advice" in post["text"]
    assert "thread_ts" not in post


def test_mention_is_answered_in_its_thread(slack: Slack, sender: Sender):
    event = mention(QUESTION, 2)
    sender.event(event, "Ev2")
    assert slack.reply("C000002")["thread_ts"] == event["ts"]


def test_mention_inside_a_thread_is_answered_in_that_thread(slack: Slack, sender: Sender):
    sender.event(mention(QUESTION, 3, thread_ts="1779999999.000001"), "Ev3")
    assert slack.reply("C000003")["thread_ts"] == "1779999999.000001"


@pytest.mark.parametrize(
    "event",
    [
        direct(QUESTION, 10, channel="C000010", channel_type="channel"),
        direct(QUESTION, 11, bot_id="B0OTHER"),
        direct(QUESTION, 12, user=BOT),
        direct(QUESTION, 13, user="USLACKBOT"),
        direct(QUESTION, 14, subtype="bot_message"),
        direct("", 15, subtype="message_changed", message={"text": QUESTION, "user": "U1"}),
        direct("", 16, subtype="message_deleted"),
        direct(QUESTION, 17, subtype="channel_join"),
        {"type": "reaction_added", "user": "U000018", "item": {"channel": "D000018"}},
        {"type": "app_home_opened", "user": "U000019", "channel": "D000019"},
    ],
    ids=lambda event: f"{event['type']}-{event.get('subtype') or event.get('bot_id') or event.get('user')}",
)
def test_what_is_no_message_to_the_bot_is_acknowledged_and_left_alone(slack: Slack, sender: Sender, event: dict):
    assert sender.event(event, f"Ev-alone-{event['user']}").status == 200
    assert settled(slack) == []


def test_person_who_sends_only_a_picture_gets_a_reply(slack: Slack, sender: Sender):
    sender.event(direct("", 20, subtype="file_share", files=[{"id": "F1"}]), "Ev20")
    assert "I didn't get any words" in slack.reply("D000020")["text"]


def test_pressed_button_is_answered_and_its_question_repeated(slack: Slack, sender: Sender):
    sender.event(direct(QUESTION, 21), "Ev21")
    buttons = next(b for b in slack.reply("D000021")["blocks"] if b["type"] == "actions")["elements"]
    assert sender.click(press(buttons[0], 21, "D000021")).status == 200
    posts = slack.wait(lambda posts: len(posts) == 2)
    assert posts[1]["blocks"][0]["text"]["text"] == f"*{buttons[0]['value']}*"
    assert "[1]" in posts[1]["text"]


def test_button_in_a_thread_is_answered_in_the_thread(slack: Slack, sender: Sender):
    button = {"type": "button", "value": QUESTION, "action_id": "choice-1"}
    sender.click(press(button, 22, "C000022", thread="1779999999.000022"))
    assert slack.reply("C000022")["thread_ts"] == "1779999999.000022"


def test_mention_in_a_watched_channel_makes_two_events_and_one_reply(slack: Slack, sender: Sender):
    sender.event(mention(QUESTION, 23, channel="D000023"), "Ev23a")
    sender.event(direct(f"<@{BOT}> {QUESTION}", 23), "Ev23b")
    slack.reply("D000023")
    assert len(settled(slack)) == 1


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (30, "I want to kill myself tonight"),
        (31, "my friend says she wants to die"),
        (32, "he took ketamine and won't wake up"),
    ],
)
def test_person_in_danger_gets_numbers_that_a_phone_dials(slack: Slack, sender: Sender, number: int, text: str):
    sender.event(direct(text, number), f"Ev{number}")
    blocks = shown(slack.reply(f"D{number:06}"))
    assert "<tel:911|" in blocks
    assert "<tel:988|" in blocks or "<tel:18002221222|" in blocks


def test_words_behind_slacks_notation_reach_the_safety_gate(slack: Slack, sender: Sender):
    sender.event(direct("<@U7> I <https://a.example|want to die> &lt;/3", 33), "Ev33")
    assert "<tel:988|" in shown(slack.reply("D000033"))


def test_neighbours_in_one_thread_do_not_share_a_conversation(slack: Slack, sender: Sender):
    thread = "1779999999.000040"
    sender.event(mention("I want to kill myself", 40, channel="C000040", thread_ts=thread), "Ev40")
    sender.event(mention(QUESTION, 41, channel="C000040", thread_ts=thread), "Ev41")
    posts = slack.wait(lambda posts: len(posts) == 2)
    answer = next(post for post in posts if "Sources:" in post["text"])
    assert "988" not in answer["text"]


def test_slack_confirms_the_address(sender: Sender):
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a"}).encode()
    taken = sender.deliver(body, "application/json")
    assert (taken.status, taken.body) == (200, "3eZbrw1a")


@pytest.mark.parametrize("how", [{"secret": "another"}, {"age": 301}, {"age": -301}])
def test_unsigned_or_old_delivery_is_refused(slack: Slack, sender: Sender, how: dict):
    taken = sender.event(direct(QUESTION, 50), "Ev50", **how)
    assert (taken.status, json.loads(taken.body)["error"]["code"]) == (401, "bad_signature")
    assert settled(slack) == []


def test_body_that_is_no_json_is_refused(sender: Sender):
    assert sender.deliver(b"{", "application/json").status == 400
    assert sender.deliver(b"payload=%7B", "application/x-www-form-urlencoded").status == 400
    assert sender.deliver(b"[]", "application/json").status == 400


def test_three_hundred_deliveries_are_each_answered_once(slack: Slack, sender: Sender):
    """Two hundred of 120 messages, in no order, with retries of every reason; sixty forged; forty old."""
    rng = random.Random(7)
    valid = [(direct if n % 3 else mention)(QUESTION, 1000 + n) for n in range(120)]
    sent: list[tuple[dict, str, dict]] = [(event, f"Ev-many-{n}", {}) for n, event in enumerate(valid)]
    for n in range(80):
        which = rng.randrange(len(valid))
        sent.append((valid[which], f"Ev-many-{which}", {"retry": (1 + n % 3, REASONS[n % len(REASONS)])}))
    sent += [(direct(QUESTION, 2000 + n), f"Ev-forged-{n}", {"secret": f"{SECRET}{n}"}) for n in range(60)]
    sent += [(direct(QUESTION, 3000 + n), f"Ev-old-{n}", {"age": 301 + 60 * n}) for n in range(40)]
    rng.shuffle(sent)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda one: sender.event(one[0], one[1], **one[2]), sent))

    slack.wait(lambda posts: len(posts) >= len(valid), 120)
    posts = settled(slack)
    expected = [401 if "secret" in how or "age" in how else 200 for _, _, how in sent]
    assert len(sent) == 300
    assert [answer.status for answer in taken] == expected
    assert max(answer.seconds for answer in taken) < 1.0
    assert sorted(post["channel"] for post in posts) == sorted(event["channel"] for event in valid)
    assert slack.refused == []
    assert all("Sources:" in post["text"] for post in posts)


LIMITED = Trouble(429, "ratelimited", retry_after=1)


@pytest.mark.parametrize(
    ("number", "troubles", "calls"),
    [
        (4000, [LIMITED], 2),
        (4001, [LIMITED, LIMITED, LIMITED], 4),
        (4002, [Trouble(500, "internal_error"), Trouble(503, "service_unavailable")], 3),
        (4003, [Trouble(502, "bad_gateway")], 2),
        (4004, [Trouble(200, "internal_error")], 2),
        (4005, [Trouble(0), Trouble(0)], 3),
        (4006, [Trouble(0, is_posted=True)], 2),
        (4007, [Trouble(seconds=4)], 1),
        (4008, [Trouble(200, "invalid_blocks")], 2),
    ],
    ids=["limit", "limits", "5xx", "502", "internal", "hangs-up", "answer-lost", "slow", "blocks"],
)
def test_reply_arrives_once_whatever_slack_does_first(
    slack: Slack, sender: Sender, number: int, troubles: list[Trouble], calls: int
):
    slack.troubles.extend(troubles)
    assert sender.event(direct(QUESTION, number), f"Ev{number}").seconds < 1
    assert "Sources:" in slack.reply(f"D{number:06}", 30)["text"]
    slack.wait(lambda posts: slack.calls == calls)
    assert (len(settled(slack)), slack.calls, slack.too_early) == (1, calls, 0)


def test_slow_slack_delays_no_other_delivery(slack: Slack, sender: Sender):
    let_go = threading.Event()
    slack.troubles.extend([Trouble(until=let_go)] * 6)
    for number in range(5000, 5006):
        assert sender.event(direct(QUESTION, number), f"Ev{number}").seconds < 1
    slack.wait(lambda posts: slack.calls == 6)
    sender.event(direct(QUESTION, 5006), "Ev5006")
    first = slack.wait(bool)
    let_go.set()
    assert first[0]["channel"] == "D005006"
    assert len(slack.wait(lambda posts: len(posts) == 7)) == 7


def test_reply_that_slack_never_takes_is_given_up_after_a_bounded_number_of_tries(slack: Slack, sender: Sender):
    slack.troubles.extend([Trouble(200, "channel_is_archived")] * 50)
    sender.event(direct(QUESTION, 6000), "Ev6000")
    assert settled(slack, 2) == []
    assert slack.calls == 1


def test_everything_that_was_posted_is_inside_slacks_limits(slack: Slack, sender: Sender):
    texts = [
        QUESTION,
        "hello",
        "What does it cost?",
        "phone number?",
        "I want to die",
        "asdf qwer zxcv",
        "how much should I take",
    ]
    for number, text in enumerate(texts, 7000):
        sender.event(direct(text, number), f"Ev{number}")
    posts = slack.wait(lambda posts: len(posts) == len(texts))
    assert len(posts) == len(texts)
    assert [fault for post in posts for fault in faults(post)] + slack.refused == []


def test_server_that_is_told_to_stop_first_posts_what_it_acknowledged(tmp_path: Path):
    with connect(tmp_path) as bot:
        bot.slack.troubles.extend([Trouble(503, "service_unavailable")] * 4)
        for number in range(8000, 8004):
            assert Sender(bot.url).event(direct("I want to die", number), f"Ev{number}").status == 200
        bot.process.terminate()
        assert len(bot.slack.wait(lambda posts: len(posts) == 4, 8)) == 4
