"""The widget's channel, spoken to as a program would, well-meaning or not."""

import json
import stat
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

from bot.errors import UsageError
from bot.web.feedback import Count, FeedbackStore
from bot.web.limits import TokenBuckets
from bot.web.seals import Seals, read_secret

CRISIS = "I want to kill myself"


class Caller:
    """Sends requests to one server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(self, path: str, body: object, **headers: str) -> tuple[int, dict]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(
            f"{self.url}/webhooks/web/{path}", data=data, headers={"Content-Type": "application/json", **named}
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


@pytest.fixture
def call(server) -> Caller:
    return Caller(server.url)


def code(answer: tuple[int, dict]) -> tuple[int, str]:
    return answer[0], answer[1]["error"]["code"]


@pytest.mark.server
class TestMessages:
    def test_one_round_trip_brings_reply_and_token(self, call):
        status, body = call("message", {"text": "Is ketamine treatment safe?"})
        assert status == 200
        assert body["reply"]["custom"]["kind"] == "answer"
        assert body["reply"]["custom"]["citations"]
        assert body["token"]

    def test_token_continues_its_conversation_and_no_other(self, call):
        token = call("message", {"text": "Is ketamine treatment safe?"})[1]["token"]
        mine = call("message", {"token": token, "text": "Where did you get that?"})[1]
        other = call("message", {"text": "Where did you get that?"})[1]
        assert mine["reply"]["custom"]["citations"]
        assert not other["reply"]["custom"]["citations"]

    def test_tokens_are_never_the_same(self, call):
        assert len({call("conversation", {})[1]["token"] for _ in range(20)}) == 20

    def test_button_is_known_by_its_id_and_its_id_says_nothing_else(self, call):
        body = call("message", {"text": "Is ketamine treatment safe?"})[1]
        button = body["reply"]["buttons"][0]
        status, chosen = call("message", {"token": body["token"], "choice": button["id"]})
        assert status == 200
        assert chosen["reply"]["custom"]["kind"] == "answer"
        assert code(call("message", {"choice": button["title"]})) == (400, "unknown_choice")
        assert code(call("message", {"choice": body["token"]})) == (400, "unknown_choice")

    def test_slash_names_no_intent(self, call):
        body = call("message", {"text": "/crisis"})[1]
        assert body["reply"]["custom"]["kind"] != "crisis"

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({}, "no_text"),
            ({"text": ""}, "no_text"),
            ({"text": ["x"]}, "no_text"),
            ({"text": "x" * 1001}, "too_long"),
            ({"text": "hi", "token": "forged"}, "bad_token"),
            ({"text": "hi", "token": 7}, "bad_token"),
            ([], "not_an_object"),
            (b"{", "not_json"),
            (b"[" * 9000, "not_json"),
            (b"\xff", "not_json"),
        ],
    )
    def test_bad_request_is_refused_with_a_stable_code(self, call, body, expected):
        status, answer = call("message", body)
        assert status in (400, 401)
        assert answer["error"]["code"] == expected

    def test_large_body_is_refused(self, call):
        assert code(call("message", {"text": "x" * 20_000})) == (413, "too_large")

    def test_body_of_10_megabytes_is_cut_off(self, server):
        request = urllib.request.Request(
            f"{server.url}/webhooks/web/message", data=b"x" * 10_000_000, headers={"Content-Type": "application/json"}
        )
        with pytest.raises((urllib.error.HTTPError, urllib.error.URLError, ConnectionError)):
            urllib.request.urlopen(request, timeout=20)

    def test_other_site_is_refused(self, call):
        assert code(call("message", {"text": "hi"}, Origin="https://evil.example")) == (403, "foreign_origin")
        assert code(call("message", {"text": "hi"}, Origin="null")) == (403, "foreign_origin")
        assert code(call("message", {"text": "hi"}, Origin="http://[")) == (403, "foreign_origin")

    def test_site_of_the_list_and_own_site_are_served(self, call, server):
        for origin in ("https://clinic.example", server.url):
            assert call("message", {"text": "hello"}, Origin=origin)[0] == 200

    def test_form_of_another_page_cannot_send(self, call):
        assert code(call("message", {"text": "hi"}, Content_Type="text/plain")) == (415, "not_json")

    def test_polluting_keys_change_nothing(self, call):
        body = b'{"__proto__": {"token": "x"}, "constructor": {"prototype": {}}, "text": "Is ketamine treatment safe?"}'
        assert call("message", body)[1]["reply"]["custom"]["kind"] == "answer"


@pytest.mark.server
class TestHelpComesFirst:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"body": {"text": CRISIS, "token": "forged"}},
            {"body": {"text": CRISIS + " " * 1200}},
            {"body": {"text": CRISIS, "choice": "nothing"}},
            {"body": {"text": CRISIS}, "Origin": "https://evil.example"},
        ],
        ids=["token", "length", "choice", "origin"],
    )
    def test_whatever_else_is_wrong(self, call, wrong):
        body = wrong.pop("body")
        status, answer = call("message", body, **wrong)
        assert status == 200
        assert answer["reply"]["custom"]["kind"] == "crisis"
        assert answer["reply"]["custom"]["resources"]

    def test_when_too_many_messages_came(self, call):
        token = call("conversation", {})[1]["token"]
        statuses = Counter(call("message", {"token": token, "text": "hello"})[0] for _ in range(25))
        assert statuses[429] >= 3
        assert code(call("message", {"token": token, "text": "hello"})) == (429, "too_many_messages")
        assert call("message", {"token": token, "text": CRISIS})[1]["reply"]["custom"]["kind"] == "crisis"


@pytest.mark.server
def test_thousand_messages_in_ten_seconds_neither_stop_the_server_nor_the_help(start_server, tmp_path_factory):
    server = start_server(FAQBOT_DATA=str(tmp_path_factory.mktemp("flood")))
    call = Caller(server.url)
    statuses: Counter[int] = Counter()
    begun = time.monotonic()

    def flood() -> None:
        for _ in range(100):
            statuses[call("message", {"text": "hello"})[0]] += 1

    threads = [threading.Thread(target=flood) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(statuses.values()) == 1000
    assert 100 <= statuses[200] <= 120 + 2 * (time.monotonic() - begun) + 1
    assert statuses[429] == 1000 - statuses[200]
    assert call("message", {"text": CRISIS})[1]["reply"]["custom"]["kind"] == "crisis"
    with urllib.request.urlopen(f"{server.url}/healthz", timeout=5) as answer:
        assert answer.status == 200


@pytest.mark.server
class TestFeedback:
    def test_opinion_is_noted_with_its_passage(self, call):
        receipt = call("message", {"text": "Is ketamine treatment safe?"})[1]["receipt"]
        assert call("feedback", {"receipt": receipt, "helpful": True}) == (200, {"noted": True})

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"receipt": "forged"}, "bad_receipt"),
            ({"helpful": "yes"}, "no_opinion"),
            ({"reason": "my name is Ann"}, "unknown_reason"),
        ],
    )
    def test_anything_else_is_refused(self, call, change, expected):
        receipt = call("message", {"text": "Is ketamine treatment safe?"})[1]["receipt"]
        body = {"receipt": receipt, "helpful": False, **change}
        assert code(call("feedback", body)) == (400, expected)


@pytest.mark.server
@pytest.mark.parametrize("path", ["/chat", "/widget", "/webhooks/web/", "/nothing"])
def test_every_answer_has_the_safety_headers(server, path):
    try:
        answer = urllib.request.urlopen(server.url + path)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "camera=()" in headers["Permissions-Policy"]
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


@pytest.mark.server
def test_frame_may_stand_on_the_sites_of_the_configuration_only(server):
    with urllib.request.urlopen(f"{server.url}/widget") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://clinic.example http://localhost:*;" in policy


@pytest.mark.server
def test_files_are_cached_by_their_content(server):
    with urllib.request.urlopen(f"{server.url}/widget") as answer:
        script = answer.read().decode().split('src="')[1].split('"')[0]
    with urllib.request.urlopen(f"{server.url}/{script}") as answer:
        assert "immutable" in answer.headers["Cache-Control"]
        tag = answer.headers["ETag"]
    request = urllib.request.Request(f"{server.url}/{script}", headers={"If-None-Match": tag})
    with pytest.raises(urllib.error.HTTPError, match="304"):
        urllib.request.urlopen(request)


@pytest.mark.server
def test_root_leads_to_the_chat(server):
    with urllib.request.urlopen(server.url) as answer:
        assert answer.url == f"{server.url}/chat"


class TestSeals:
    def test_changed_or_foreign_value_does_not_open(self):
        seals = Seals(b"one")
        sealed = seals.seal("token", ["id", 1])
        assert seals.open("token", sealed) == ["id", 1]
        for other in (sealed[:-1] + ("A" if sealed[-1] != "A" else "Q"), sealed[:10], "", "é", None, 7, "A" * 5000):
            assert seals.open("token", other) is None
        assert seals.open("choice", sealed) is None
        assert Seals(b"two").open("token", sealed) is None

    def test_secret_is_made_once_and_for_its_owner_only(self, tmp_path: Path):
        made = read_secret("", tmp_path / "data")
        assert read_secret("", tmp_path / "data") == made
        assert stat.S_IMODE((tmp_path / "data" / "web.secret").stat().st_mode) == 0o600

    def test_short_secret_is_refused(self, tmp_path: Path):
        with pytest.raises(UsageError, match="16 or more"):
            read_secret("short", tmp_path)


def test_bucket_fills_again_with_time():
    now = [0.0]
    buckets = TokenBuckets(60, clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(60)] == [0.0] * 60
    assert buckets.take("a") == 1.0
    now[0] = 1.0
    assert buckets.take("a") == 0.0


def test_second_opinion_replaces_the_first(tmp_path: Path):
    store = FeedbackStore(tmp_path / "feedback.db")
    store.add("r1", "answer", ["safety/overview#is-it-safe"], True)
    store.add("r1", "answer", ["safety/overview#is-it-safe"], False, "too_long")
    store.add("r2", "no_answer", [], False)
    assert store.counts() == [
        Count("answer", "safety/overview#is-it-safe", False, "too_long", 1),
        Count("no_answer", "", False, "", 1),
    ]


def test_expired_token_is_named_as_such(monkeypatch, tmp_path: Path):
    from bot.rasa.channels.rest import BadRequest
    from bot.rasa.channels.web import WebChannel

    channel = WebChannel()
    monkeypatch.setitem(channel.__dict__, "_seals", Seals(b"a secret of the test"))
    old = channel._seals.seal("token", ["id", int(time.time()) - 1])
    with pytest.raises(BadRequest) as refusal:
        channel._conversation({"token": old})
    assert refusal.value.code == "expired_token"
