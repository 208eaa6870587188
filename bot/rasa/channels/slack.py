"""Slack's events and buttons at `/webhooks/slack/webhook`: acknowledged at once, answered after, never twice.

On when `SLACK_BOT_TOKEN` and `SLACK_SIGNING_SECRET` are set. docs/slack.md goes from nothing to a working app.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError
from rasa.core.channels.slack import SlackInput
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient

from bot.answering.replies import Phrasebook
from bot.errors import UsageError
from bot.rasa.channels.rest import error_body
from bot.rasa.channels.turn import Deliver, is_urgent, take_turn
from bot.rendering.slack import escape, slack_messages
from bot.runtime import runtime

logger = logging.getLogger(__name__)

API_URL = "https://slack.com/api/"
# Slack repeats a delivery for up to five minutes (https://docs.slack.dev/apis/events-api); this is far more of them.
REMEMBERED = 10_000
RETRIES = 8
# Turns made at once. More lets the clock of each run while it waits for the others, and holds up acknowledgements.
# Help waits for none of them.
TURNS = 2
# How long the server, told to stop, goes on with answers that Slack was promised.
DRAIN = 3.0
# A message of a person with nothing added, with a file, and one that a thread also shows in its channel.
SUBTYPES = (None, "file_share", "thread_broadcast")
# What Slack answers with when the trouble is its own and may pass.
PASSING = ("internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited", "rate_limited")
# What Slack answers with when it does not like the blocks. The plain text is then posted alone.
REFUSED_BLOCKS = ("invalid_blocks", "msg_blocks_too_long", "invalid_arguments")

# What `credentials.yml` may say, and the variable of the environment that is read where it does not.
VARIABLES = {
    "slack_token": "SLACK_BOT_TOKEN",
    "slack_signing_secret": "SLACK_SIGNING_SECRET",
    "slack_channel": "SLACK_CHANNEL",
    "slack_api_url": "SLACK_API_URL",
}

_TOKEN = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")


@dataclass(frozen=True)
class Delivery:
    """One message of a person, typed or chosen, wherever in Slack it was.

    Attributes:
        names: what names it across retries, and across the two events that a mention in a watched channel makes.
        user: id of the person.
        channel: id of the channel, which begins with D for direct messages.
        thread: `ts` of the thread that it is in, empty outside threads.
        time: its own `ts`, or that of the message whose button was pressed.
        text: what was typed, without Slack's notation.
        chosen: whether a button was pressed.
    """

    names: tuple[str, ...]
    user: str
    channel: str
    thread: str
    time: str
    text: str
    chosen: bool = False

    @property
    def conversation(self) -> str:
        """One conversation a person in direct messages, one a person and thread elsewhere: neighbours share none."""
        place = self.channel if _is_direct(self.channel) else f"{self.channel}:{self.thread or self.time}"
        return f"slack:{self.user}:{place}"

    @property
    def reply_thread(self) -> str | None:
        """`ts` of the thread for the reply; outside direct messages there always is one, to keep channels quiet."""
        return self.thread or (None if _is_direct(self.channel) else self.time)


class Seen:
    """The names of the deliveries taken lately."""

    def __init__(self, limit: int = REMEMBERED) -> None:
        self._names: OrderedDict[str, None] = OrderedDict()
        self._limit = limit

    def is_new(self, names: tuple[str, ...]) -> bool:
        """Whether none of the names was seen before; from now on all are."""
        new = not any(name in self._names for name in names)
        self._names.update(dict.fromkeys(names))
        while len(self._names) > self._limit:
            self._names.popitem(last=False)
        return new


class SlackChannel(SlackInput):  # type: ignore[misc]
    """The channel `slack`. Without a token and a signing secret it has no address.

    Args:
        token: the bot's token, `xoxb-…`.
        signing_secret: what Slack signs its requests with.
        watched: id of a channel where every message is answered; elsewhere only direct messages and mentions are.
        api_url: address of Slack's Web API.

    Raises:
        UsageError: one secret is given without the other.
    """

    def __init__(self, token: str = "", signing_secret: str = "", watched: str = "", api_url: str = "") -> None:
        self.is_on = bool(token and signing_secret)
        if bool(token) != bool(signing_secret):
            missing = "SLACK_SIGNING_SECRET" if token else "SLACK_BOT_TOKEN"
            raise UsageError(f"{missing} is not set and its partner is: set both to turn Slack on, or none")
        if self.is_on:
            super().__init__(token, slack_channel=watched or None, slack_signing_secret=signing_secret)
        handlers = [AsyncRateLimitErrorRetryHandler(RETRIES), PassingTrouble(RETRIES)]
        self._client = AsyncWebClient(token, base_url=api_url or API_URL, retry_handlers=handlers)
        self._seen = Seen()
        self._turns = asyncio.Semaphore(TURNS)

    @classmethod
    def from_credentials(cls, credentials: Mapping[str, Any] | None) -> SlackChannel:
        """The channel as `credentials.yml` and the environment have it."""
        given = credentials or {}
        return cls(*(str(given.get(name) or os.environ.get(variable, "")) for name, variable in VARIABLES.items()))

    def blueprint(self, on_new_message: Deliver) -> Blueprint:
        """The channel's addresses."""
        blueprint = Blueprint("slack_channel")
        if not self.is_on:
            return blueprint

        @blueprint.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @blueprint.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if not self.is_request_from_slack_authentic(request):
                return _refusal(401, "bad_signature", "The request is not signed by Slack, or is too old.")
            try:
                payload = read_payload(request)
            except ValueError:
                return _refusal(400, "not_json", "The body is not what Slack sends.")
            if payload.get("type") == "url_verification":
                return response.text(str(payload.get("challenge", "")))
            is_click = payload.get("type") == "block_actions"
            delivery = from_click(payload) if is_click else from_event(payload, self.slack_channel)
            if delivery and self._seen.is_new(delivery.names):
                task = asyncio.ensure_future(self._answer(on_new_message, delivery))
                self._background_tasks.add(task)
                task.add_done_callback(self._background_tasks.discard)
            return response.text("")

        @blueprint.listener("after_server_start")
        async def check(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
            self._check = asyncio.ensure_future(self._check_token())

        @blueprint.listener("before_server_stop")
        async def drain(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
            if self._background_tasks:
                await asyncio.wait(self._background_tasks, timeout=DRAIN)

        return blueprint

    async def _answer(self, on_new_message: Deliver, delivery: Delivery) -> None:
        try:
            async with nullcontext() if is_urgent(delivery.text) else self._turns:
                message = await take_turn(on_new_message, delivery.conversation, delivery.text, self.name())
            await self._post(delivery, message)
        except Exception as error:  # noqa: BLE001 - nobody awaits this task, and a reply must not be lost unsaid
            logger.error("channel slack: a reply could not be posted (%s) and is lost.", _code(error))

    async def _post(self, delivery: Delivery, message: Mapping[str, Any]) -> None:
        try:
            for part in slack_messages(
                message, _labels(message["custom"]["language"]), delivery.text if delivery.chosen else ""
            ):
                await self._send(delivery, part)
        except SlackApiError as error:
            if not _code(error).startswith(REFUSED_BLOCKS):
                raise
            logger.error("channel slack: a reply's blocks were refused (%s); its plain text is posted.", _code(error))
            await self._send(delivery, {"text": escape(message["text"])})

    async def _send(self, delivery: Delivery, part: Mapping[str, Any]) -> None:
        """Posts one message. Its id is the same in every retry, by which Slack knows one that it has already taken."""
        await self._client.chat_postMessage(
            channel=delivery.channel,
            thread_ts=delivery.reply_thread,
            text=part["text"],
            blocks=part.get("blocks"),
            unfurl_links=False,
            unfurl_media=False,
            client_msg_id=str(uuid.uuid4()),
        )

    async def _check_token(self) -> None:
        """Says at the start what would otherwise show only when the first reply is lost."""
        try:
            await self._client.auth_test()
        except Exception as error:  # noqa: BLE001 - a report on Slack's state, which must not keep the bot from serving
            logger.error("channel slack: SLACK_BOT_TOKEN could not be confirmed with Slack (%s).", _code(error))


def _labels(language: str) -> Mapping[str, str]:
    """The words around sources and choices; a reply of help has neither, and is posted though no file can be read."""
    try:
        return Phrasebook(runtime().knowledge, language).labels()
    except Exception as error:  # noqa: BLE001 - whatever is broken, help goes out
        logger.error("channel slack: the clinic's sentences cannot be read (%s).", type(error).__name__)
        return {}


class PassingTrouble(AsyncRetryHandler):
    """Tries again, later each time, when Slack cannot be reached, is slow, or says that it has trouble of its own."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if response is None:
            return isinstance(error, OSError | ClientError | SlackApiError)
        said = response.body.get("error") if isinstance(response.body, dict) else None
        return response.status_code >= 500 or said in PASSING


def read_payload(request: Request) -> dict[str, Any]:
    """What Slack sent: an event as JSON, or a pressed button as JSON in a form.

    Raises:
        ValueError: it is neither.
    """
    is_form = (request.content_type or "").startswith("application/x-www-form-urlencoded")
    payload = json.loads(request.form.get("payload", "") if is_form else request.body)
    if not isinstance(payload, dict):
        raise ValueError("not an object")
    return payload


def from_event(payload: Mapping[str, Any], watched: str | None = None) -> Delivery | None:
    """The message in an event; None where it is no person's, was only changed, or was not meant for the bot."""
    event = payload.get("event")
    if not isinstance(event, dict):
        return None
    user, channel, time = (str(event.get(name) or "") for name in ("user", "channel", "ts"))
    bots = {"USLACKBOT", *(str(entry.get("user_id")) for entry in payload.get("authorizations") or ())}
    if not (user and channel and time) or event.get("bot_id") or user in bots or event.get("subtype") not in SUBTYPES:
        return None
    kind = event.get("type")
    if kind != "app_mention" and not (kind == "message" and (_is_direct(channel) or channel == watched)):
        return None
    names = (f"event {payload.get('event_id', time)}", f"message {channel} {time}")
    text = typed(str(event.get("text") or ""))
    return Delivery(names, user, channel, str(event.get("thread_ts") or ""), time, text)


def from_click(payload: Mapping[str, Any]) -> Delivery | None:
    """The choice in a pressed button; None where the button is not one of a reply's."""
    action = (payload.get("actions") or [{}])[0]
    message = payload.get("message") or {}
    user, channel = (str((payload.get(name) or {}).get("id") or "") for name in ("user", "channel"))
    if action.get("type") != "button" or not (action.get("value") and user and channel):
        return None
    thread, time = (str(message.get(name) or "") for name in ("thread_ts", "ts"))
    names = (f"click {user} {channel} {time} {action.get('action_ts')}",)
    return Delivery(names, user, channel, thread, time, str(action["value"]), chosen=True)


def typed(text: str) -> str:
    """What the person typed: Slack's notation for links, names and control signs taken back.

    >>> typed("<@U0BOT> is <https://a.example|this> safe &amp; legal? call <tel:+12025550142|202-555-0142>")
    'is this safe & legal? call 202-555-0142'
    """
    text = _TOKEN.sub(lambda token: "" if token[1] == "@" else (token[3] or ("" if token[1] else token[2])), text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _is_direct(channel: str) -> bool:
    return channel.startswith("D")


def _refusal(status: int, code: str, message: str) -> HTTPResponse:
    return response.json(error_body(code, message), status=status)


def _code(error: Exception) -> str:
    """Slack's code for what went wrong, else the exception's type. Never its text, which may quote a message."""
    data = getattr(getattr(error, "response", None), "data", None)
    return str(data.get("error")) if isinstance(data, dict) and data.get("error") else type(error).__name__
