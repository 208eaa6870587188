"""The widget's channel at `/webhooks/web/`. docs/widget.md is its reference.

The server makes the conversation's id, not the visitor: a sealed token carries it. What is wrong with a request is
said in a stable body, `{"error": {"code": …, "message": …}}`; a message that the safety gate stops is answered with
help whatever else is wrong with its request.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.answering.replies import crisis_reply
from bot.answering.reply import KINDS
from bot.rasa.channels.rest import BadRequest, error_body
from bot.rasa.channels.turn import region, take_turn
from bot.rasa.metrics import REPLIES
from bot.rasa.routes import embedding_sites
from bot.rendering.message import as_message
from bot.runtime import runtime
from bot.web.assets import Assets
from bot.web.feedback import FEEDBACK, REASONS, FeedbackStore
from bot.web.limits import TokenBuckets
from bot.web.pages import MAX_CHARACTERS, Pages, language_of
from bot.web.seals import Seals, read_secret

MAX_BODY = 16 * 1024
FROM_ADDRESS = "too_many_from_address"


@dataclass(frozen=True)
class Conversation:
    """Who is speaking: an id that nobody can guess, and until when (seconds since 1970) its token holds."""

    id: str
    expires: float


class WebChannel(InputChannel):
    """The channel `web`."""

    @classmethod
    def name(cls) -> str:
        """The channel's name, and with it its address."""
        return "web"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The channel's addresses.

        Raises:
            UsageError: the secret that is set is too short.
        """
        # Read here, so that a bad secret ends the start and not the first visitor's message.
        self._seals = Seals(read_secret(runtime().settings.web_secret, runtime().settings.data))
        blueprint = Blueprint("web_channel")

        @blueprint.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @blueprint.route("/page", methods=["GET"])
        async def page(request: Request) -> HTTPResponse:
            clinic = runtime().knowledge.clinic
            config = Pages(clinic, Assets(), runtime().settings.idle_minutes).config(
                language_of(request.args.get("lang"))
            )
            return response.json(config, headers={"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"})

        @blueprint.route("/conversation", methods=["POST"])
        async def begin(request: Request) -> HTTPResponse:
            try:
                read_body(request)
                limit(self._addresses, request.remote_addr or request.ip, FROM_ADDRESS)
                check_origin(request)
            except BadRequest as refusal:
                return refused(request, refusal)
            return answered(request, self._token(self._begin()))

        @blueprint.route("/message", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            data: Mapping[str, Any] = {}
            try:
                data = read_body(request)
                limit(self._addresses, request.remote_addr or request.ip, FROM_ADDRESS)
                check_origin(request)
                conversation = self._conversation(data)
                limit(self._conversations, conversation.id, "too_many_messages")
                text = self._text(data)
            except BadRequest as refusal:
                help_message = self._help(data.get("text"), refusal)
                return answered(request, self._message(help_message)) if help_message else refused(request, refusal)
            reply = await take_turn(on_new_message, f"web:{conversation.id}", text, self.name())
            return answered(request, {**self._message(reply), **self._token(conversation)})

        @blueprint.route("/feedback", methods=["POST"])
        async def feedback(request: Request) -> HTTPResponse:
            try:
                data = read_body(request)
                limit(self._addresses, request.remote_addr or request.ip, FROM_ADDRESS)
                check_origin(request)
                self._note(data)
            except BadRequest as refusal:
                return refused(request, refusal)
            return answered(request, {"noted": True})

        for name in ("conversation", "message", "feedback"):
            blueprint.add_route(preflight, f"/{name}", methods=["OPTIONS"], name=f"preflight_{name}")
        return blueprint

    @cached_property
    def _feedback(self) -> FeedbackStore:
        return FeedbackStore(runtime().settings.data / FEEDBACK)

    @cached_property
    def _conversations(self) -> TokenBuckets:
        return TokenBuckets(runtime().settings.messages_per_minute)

    @cached_property
    def _addresses(self) -> TokenBuckets:
        return TokenBuckets(runtime().settings.messages_per_minute_address)

    def _begin(self) -> Conversation:
        return Conversation(secrets.token_urlsafe(16), time.time() + runtime().settings.token_hours * 3600)

    def _token(self, conversation: Conversation) -> dict[str, Any]:
        return {
            "token": self._seals.seal("token", [conversation.id, int(conversation.expires)]),
            "expires": int(conversation.expires),
        }

    def _conversation(self, data: Mapping[str, Any]) -> Conversation:
        """The conversation of a request's token; without a token a new one.

        Raises:
            BadRequest: the token is not one of ours, or is too old.
        """
        if data.get("token") is None:
            return self._begin()
        opened = self._seals.open("token", data["token"])
        if opened is None:
            raise BadRequest(
                401,
                "bad_token",
                "The token is not one of this server's: send the message without one to begin a conversation.",
            )
        conversation = Conversation(*opened)
        if conversation.expires < time.time():
            raise BadRequest(
                401, "expired_token", "The token has expired: send the message without one to begin a conversation."
            )
        return conversation

    def _text(self, data: Mapping[str, Any]) -> str:
        """What the visitor typed, or the words of the button that was pressed.

        Raises:
            BadRequest: there is neither, or it is not acceptable.
        """
        if "choice" in data:
            title = self._seals.open("choice", data["choice"])
            if title is None:
                raise BadRequest(400, "unknown_choice", "'choice' is not the id of a button that this server made.")
            return str(title)
        text = data.get("text")
        if not isinstance(text, str) or not text.strip():
            raise BadRequest(
                400, "no_text", "'text' is missing, empty or not a text: send what the visitor typed as a string."
            )
        if len(text) > MAX_CHARACTERS:
            raise BadRequest(
                400, "too_long", f"'text' has {len(text)} characters and {MAX_CHARACTERS} is the most: shorten it."
            )
        return text

    def _message(self, reply: Mapping[str, Any]) -> dict[str, Any]:
        """A reply as the widget gets it: choices by opaque ids, and a receipt for the visitor's opinion on it."""
        buttons = [
            {"title": button["title"], "id": self._seals.seal("choice", button["payload"])}
            for button in reply.get("buttons") or ()
        ]
        passages = list(dict.fromkeys(citation["passage"]["id"] for citation in reply["custom"]["citations"]))
        receipt = self._seals.seal("receipt", [secrets.token_urlsafe(9), reply["custom"]["kind"], passages])
        return {"reply": {"text": reply["text"], "custom": reply["custom"], "buttons": buttons}, "receipt": receipt}

    def _note(self, data: Mapping[str, Any]) -> None:
        """Stores an opinion.

        Raises:
            BadRequest: it is not about a reply of this server, or is none.
        """
        receipt = self._seals.open("receipt", data.get("receipt"))
        if receipt is None:
            raise BadRequest(400, "bad_receipt", "'receipt' is not that of a reply of this server.")
        reply, kind, passages = receipt
        helpful, reason = data.get("helpful"), data.get("reason") or ""
        if not isinstance(helpful, bool) or kind not in KINDS:
            raise BadRequest(400, "no_opinion", "'helpful' is missing: send true or false.")
        if reason not in ("", *REASONS):
            raise BadRequest(400, "unknown_reason", f"'reason' must be one of {', '.join(REASONS)}, or be left out.")
        self._feedback.add(reply, kind, passages, helpful, reason)

    def _help(self, text: object, refusal: BadRequest) -> dict[str, Any] | None:
        """The fixed reply to a message that the gate stops, though its request is refused; None for any other."""
        if not isinstance(text, str):
            return None
        gate = runtime().patterns_gate if refusal.code == FROM_ADDRESS else runtime().gate
        verdict = gate.assess(text)
        if not verdict.stops:
            return None
        reply = crisis_reply(verdict.label or "", region(), verdict.language)
        REPLIES.labels(reply.kind, self.name()).inc()
        return as_message(reply, {})


def read_body(request: Request) -> Mapping[str, Any]:
    """The JSON object of a request.

    Raises:
        BadRequest: the body is too large or is not what it should be.
    """
    if len(request.body) > MAX_BODY:
        raise BadRequest(
            413, "too_large", f"The body has {len(request.body)} bytes and {MAX_BODY} is the most: shorten the message."
        )
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise BadRequest(415, "not_json", "The content type must be application/json.")
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise BadRequest(400, "not_json", "The body is not JSON.") from error
    if not isinstance(data, dict):
        raise BadRequest(400, "not_an_object", "The body is not a JSON object.")
    return data


def check_origin(request: Request) -> None:
    """Lets pages pass that may use the chat.

    Raises:
        BadRequest: another site's page sent the request.
    """
    if not is_ours(request) and not is_partner(request):
        raise BadRequest(403, "foreign_origin", "This site may not use the chat: add it to 'embed_on' in clinic.yml.")


def limit(buckets: TokenBuckets, key: str, code: str) -> None:
    """Counts one request.

    Raises:
        BadRequest: there were too many.
    """
    wait = buckets.take(key)
    if wait:
        raise BadRequest(429, code, f"Too many messages: wait {int(wait) + 1} seconds and send it again.")


def is_ours(request: Request) -> bool:
    """Whether a page of this server sent the request, or no browser did.

    Browsers say themselves which of a request's sites are the same, which holds behind a proxy that changes `Host` too.
    """
    origin = request.headers.get("origin")
    if origin is None or request.headers.get("sec-fetch-site") == "same-origin":
        return True
    try:
        return bool(urlsplit(origin).netloc == request.host)
    except ValueError:
        return False


def is_partner(request: Request) -> bool:
    """Whether a site that may embed the chat sent the request."""
    origin = str(request.headers.get("origin", ""))
    return any(fnmatchcase(origin, site) for site in embedding_sites())


def sharing(request: Request) -> dict[str, str]:
    """The headers that let a page of a partner read an answer; none for any other page."""
    if not is_partner(request):
        return {}
    return {
        "Access-Control-Allow-Origin": request.headers["origin"],
        "Access-Control-Allow-Headers": "content-type",
        "Access-Control-Max-Age": "600",
        "Vary": "Origin",
    }


async def preflight(request: Request) -> HTTPResponse:
    """What a browser asks before it lets another site's page send a message."""
    return response.empty(headers=sharing(request))


def answered(request: Request, body: Mapping[str, Any]) -> HTTPResponse:
    """An answer that no cache keeps."""
    return response.json(dict(body), headers={"Cache-Control": "no-store", **sharing(request)})


def refused(request: Request, refusal: BadRequest) -> HTTPResponse:
    """A refusal in the stable form."""
    headers = {"Cache-Control": "no-store", **sharing(request)}
    return response.json(error_body(refusal.code, refusal.message), status=refusal.status, headers=headers)
