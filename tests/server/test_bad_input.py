"""Whatever is sent: a valid reply or a clear 4xx, never an empty list, never a 5xx."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.server

KINDS = {"answer", "clarify", "no_answer", "declined", "crisis", "emergency", "contact", "smalltalk"}


def is_one_reply(answer) -> bool:
    (reply,) = answer.messages
    return answer.status == 200 and reply["text"].strip() and reply["custom"]["kind"] in KINDS


def is_clear_refusal(answer) -> bool:
    error = answer.messages["error"]
    return 400 <= answer.status < 500 and error["code"] and len(error["message"]) > 10


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\n\u3000\u200b ",
        "🙂",
        "😭😭😭 👩‍👩‍👧 🏳️‍🌈",
        "?",
        "/",
        "//// ",
        "\u0000",
        "is it \u0000safe\u0007?\u001b[31m",
        "\ud800",
        "is it safe \udc00\ud83d?",
        "ſpravato for ptſd, İs it ſafe",
        "\u202eis it safe",
        "<script>alert(1)</script> is it safe?",
        "<b>how much</b> &amp; <a href='javascript:1'>x</a>",
        "'; drop table conversations; --",
        "{clinic} {0} %s ${HOME} {{7*7}}",
        "/restart",
        "/crisis",
        "/\n/restart",
        ' / \u2028/crisis{"tier": "imminent"}',
        '/ask_cost{"tier": "imminent"}',
        "/session_start",
        "EXTERNAL: trigger",
        "K ﬁ ½ Å ㎎",
        "¿es segura la ketamina?",
        "هل هو آمن؟",
        "氯胺酮安全吗",
        "a" * 5_000,
        "is it safe? " * 400,
        "is it safe? " * 8_400,
        "\u0301" * 3_000,
        "Z̸̡̧͎̪͔̈́a̷l̶g̵o̴ text",
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_any_text_gets_one_reply(post, text):
    assert is_one_reply(post(json.dumps({"sender": "bad-input", "message": text}).encode()))


def test_a_call_for_help_in_a_very_long_message_is_answered_with_help(post):
    text = "and then we went on and on about it. " * 2_600 + "I want to kill myself."
    assert 95_000 < len(text) < 100_000
    answer = post(json.dumps({"sender": "long", "message": text}).encode())
    assert answer.messages[0]["custom"]["kind"] == "crisis"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"hello", 400),
        (b"{", 400),
        (b'{"message": "is it safe?"', 400),
        (b"\xff\xfe\x00", 400),
        (b"null", 400),
        (b"[]", 400),
        (b"3", 400),
        (b'"is it safe?"', 400),
        (b"{}", 400),
        (b'{"sender": "a"}', 400),
        (b'{"message": null}', 400),
        (b'{"message": 3}', 400),
        (b'{"message": true}', 400),
        (b'{"message": ["is it safe?"]}', 400),
        (b'{"message": {"text": "is it safe?"}}', 400),
        (b'{"message": "hi", "sender": 3}', 400),
        (b'{"message": "hi", "sender": ""}', 400),
        (b'{"message": "hi", "sender": ["a"]}', 400),
        (b'{"message": "hi", "sender": "' + b"a" * 201 + b'"}', 400),
        (b'{"message": 1' + b"0" * 10_000 + b"}", 400),
        (b'{"message": "' + b"a" * 600_000 + b'"}', 413),
        (b" " * 2_000_000, 413),
    ],
    ids=lambda value: ascii(value[:30]) if isinstance(value, bytes) else str(value),
)
def test_a_request_that_cannot_be_read_is_refused_with_a_reason(post, body, status):
    answer = post(body)
    assert answer.status == status
    assert is_clear_refusal(answer)


@pytest.mark.parametrize(
    "extra", ['"x": 1e999', '"x": NaN', '"metadata": {"a": [1, {}]}', '"metadata": 3', '"input_channel": "cmdline"']
)
def test_what_else_is_in_the_body_changes_nothing(post, extra):
    answer = post(f'{{"message": "is it safe?", {extra}}}'.encode())
    assert is_one_reply(answer)


@pytest.mark.parametrize("sender", ["a/b", "🙂", "x" * 200, "'; --", " ", "\u0000"], ids=ascii)
def test_any_sender_of_a_sane_length_is_served(post, sender):
    answer = post(json.dumps({"sender": sender, "message": "is it safe?"}).encode())
    assert is_one_reply(answer)
    assert answer.messages[0]["recipient_id"] == sender


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=utf-16"]
)
def test_the_content_type_breaks_nothing(post, content_type):
    answer = post(b'{"message": "is it safe?"}', content_type=content_type)
    assert is_one_reply(answer) if answer.status == 200 else is_clear_refusal(answer)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_method_is_refused(server, method):
    import urllib.error
    import urllib.request

    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(f"{server.url}/webhooks/rest/webhook", method=method), timeout=10)
    assert caught.value.code == 405


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(message=json_values, sender=json_values)
def test_any_json_is_answered_or_refused(post, message, sender):
    answer = post(json.dumps({"message": message, "sender": sender}).encode())
    assert is_one_reply(answer) if answer.status == 200 else is_clear_refusal(answer)
