"""A stand-in of Slack: its Web API as a small real server, and its deliveries with real signatures."""

import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from limits import faults
from slack_sdk.signature import SignatureVerifier

TOKEN = "xoxb-stand-in"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BOT = "U0BOT"
WORKSPACE = "T0CLINIC"


@dataclass(frozen=True)
class Trouble:
    """How one call of `chat.postMessage` goes wrong.

    Attributes:
        status: the HTTP status; 0 closes the connection without a word.
        error: Slack's error code.
        retry_after: seconds that a rate limit asks for.
        seconds: how long the answer takes.
        until: an event that the answer waits for as well.
        is_posted: whether the message is posted all the same, and only the answer is lost.
    """

    status: int = 200
    error: str = ""
    retry_after: int = 0
    seconds: float = 0.0
    until: threading.Event | None = None
    is_posted: bool = False


@dataclass
class Slack:
    """The Web API. `posts` are the messages that people see; `refused` says why others were not taken."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    calls: int = 0
    troubles: deque[Trouble] = field(default_factory=deque)
    too_early: int = 0
    _ids: set[str] = field(default_factory=set)
    _closed_until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> "Slack":
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = api.answer(self.path, self.headers.get("Authorization", ""), body)
                if answer is None:
                    self.close_connection = True
                    return
                status, headers, payload = answer
                data = json.dumps(payload).encode()
                self.send_response(status)
                for name, value in {
                    "Content-Type": "application/json",
                    "Content-Length": str(len(data)),
                    **headers,
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def forget(self) -> None:
        """Begins anew."""
        for noted in (self.posts, self.refused, self.troubles, self._ids):
            noted.clear()
        self.calls = self.too_early = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/api/"

    def answer(self, path: str, authorization: str, body: bytes) -> tuple[int, dict[str, str], dict[str, Any]] | None:
        """Slack's answer to one call; None where it hangs up."""
        if authorization != f"Bearer {TOKEN}":
            return 200, {}, {"ok": False, "error": "invalid_auth"}
        if path == "/api/auth.test":
            return 200, {}, {"ok": True, "user_id": BOT, "team_id": WORKSPACE}
        if path != "/api/chat.postMessage":
            return 200, {}, {"ok": False, "error": "unknown_method"}
        message = json.loads(body)
        with self._lock:
            self.calls += 1
            self.too_early += time.monotonic() < self._closed_until
            trouble = self.troubles.popleft() if self.troubles else Trouble()
            if trouble.retry_after:
                self._closed_until = time.monotonic() + trouble.retry_after
        time.sleep(trouble.seconds)
        if trouble.until:
            trouble.until.wait()
        if trouble.status != 200 or trouble.error:
            if trouble.is_posted:
                self._take(message)
            headers = {"Retry-After": str(trouble.retry_after)} if trouble.retry_after else {}
            return (trouble.status, headers, {"ok": False, "error": trouble.error}) if trouble.status else None
        return 200, {}, self._take(message)

    def _take(self, message: dict[str, Any]) -> dict[str, Any]:
        found = faults(message)
        if not str(message.get("channel", "")).startswith(("C", "D", "G")):
            return {"ok": False, "error": "channel_not_found"}
        with self._lock:
            if found:
                self.refused += found
                return {"ok": False, "error": "invalid_blocks"}
            name = str(message.get("client_msg_id"))
            if name not in self._ids:
                self._ids.add(name)
                self.posts.append(message)
        return {"ok": True, "channel": message["channel"], "ts": f"{time.time():.6f}", "message": message}

    def wait(self, is_there: Callable[[list[dict[str, Any]]], bool], seconds: float = 20.0) -> list[dict[str, Any]]:
        """The posts once `is_there` holds of them, or what there is when the time is over."""
        end = time.monotonic() + seconds
        while not is_there(self.posts) and time.monotonic() < end:
            time.sleep(0.02)
        return self.posts

    def reply(self, channel: str, seconds: float = 20.0) -> dict[str, Any]:
        """The first post in a channel."""
        posts = self.wait(lambda posts: any(post["channel"] == channel for post in posts), seconds)
        return next(post for post in posts if post["channel"] == channel)


@dataclass(frozen=True)
class Acknowledged:
    """How the bot took one delivery."""

    status: int
    seconds: float
    body: str


class Sender:
    """Slack's deliveries to one bot.

    Args:
        bot: address of the bot's server.
    """

    def __init__(self, bot: str) -> None:
        self._address = f"{bot}/webhooks/slack/webhook"

    def event(self, event: dict[str, Any], event_id: str, **how: Any) -> Acknowledged:
        """Delivers an event."""
        return self.deliver(json.dumps(envelope(event, event_id)).encode(), "application/json", **how)

    def click(self, payload: dict[str, Any], **how: Any) -> Acknowledged:
        """Delivers a pressed button."""
        form = urllib.parse.urlencode({"payload": json.dumps(payload)})
        return self.deliver(form.encode(), "application/x-www-form-urlencoded", **how)

    def deliver(
        self, body: bytes, content_type: str, secret: str = SECRET, age: float = 0, retry: tuple[int, str] | None = None
    ) -> Acknowledged:
        """Signs and sends a body.

        Args:
            body: what to send.
            content_type: of the body.
            secret: what to sign it with.
            age: seconds since it was signed.
            retry: number and reason of a retry.
        """
        timestamp = str(int(time.time() - age))
        signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature or "",
        }
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]}
        begun = time.monotonic()
        try:
            with urllib.request.urlopen(urllib.request.Request(self._address, body, headers), timeout=30) as answer:
                status, said = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, said = error.code, error.read().decode()
        return Acknowledged(status, time.monotonic() - begun, said)


def envelope(event: dict[str, Any], event_id: str) -> dict[str, Any]:
    """An event as the Events API wraps it."""
    return {
        "type": "event_callback",
        "team_id": WORKSPACE,
        "api_app_id": "A0APP",
        "event_id": event_id,
        "event_time": int(time.time()),
        "authorizations": [{"team_id": WORKSPACE, "user_id": BOT, "is_bot": True}],
        "event": event,
    }


def direct(text: str, number: int, **more: Any) -> dict[str, Any]:
    """A direct message of person `number`."""
    return {
        "type": "message",
        "channel_type": "im",
        "channel": f"D{number:06}",
        "user": f"U{number:06}",
        "ts": f"1780000000.{number:06}",
        "text": text,
        **more,
    }


def mention(text: str, number: int, **more: Any) -> dict[str, Any]:
    """A mention of the bot by person `number` in a channel."""
    there = {"type": "app_mention", "channel": f"C{number:06}", "text": f"<@{BOT}> {text}"}
    return {k: v for k, v in (direct(text, number) | there | more).items() if k != "channel_type"}


def press(button: dict[str, Any], number: int, channel: str, thread: str = "") -> dict[str, Any]:
    """A press of a button that the bot posted."""
    message = {
        "type": "message",
        "bot_id": "B0BOT",
        "ts": f"1780000500.{number:06}",
        **({"thread_ts": thread} if thread else {}),
    }
    return {
        "type": "block_actions",
        "team": {"id": WORKSPACE},
        "user": {"id": f"U{number:06}", "team_id": WORKSPACE},
        "channel": {"id": channel},
        "container": {"type": "message", "message_ts": message["ts"], "channel_id": channel},
        "message": message,
        "trigger_id": f"1.{number}",
        "actions": [{**button, "action_ts": f"1780000600.{number:06}"}],
    }
