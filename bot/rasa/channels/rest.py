"""Rasa's REST channel at `/webhooks/rest/webhook`: same address and shapes, with checks, identity and one reply.

A caller's `sender` names a conversation of this channel only; without one, each message is a conversation of its own.
What is wrong with a request is said in a stable body: `{"error": {"code": …, "message": …}}`.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.rasa.channels.turn import take_turn

MAX_BODY = 512 * 1024
MAX_SENDER = 200


@dataclass(frozen=True)
class BadRequest(Exception):
    """A request that cannot be taken: an HTTP status, a code for programs and one sentence for people."""

    status: int
    code: str
    message: str


def error_body(code: str, message: str) -> dict[str, Any]:
    """The body of every answer that says what went wrong."""
    return {"error": {"code": code, "message": message}}


class RestChannel(InputChannel):
    """The channel `rest`."""

    @classmethod
    def name(cls) -> str:
        """The channel's name, and with it its address."""
        return "rest"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The channel's addresses."""
        blueprint = Blueprint("rest_channel")

        @blueprint.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @blueprint.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            try:
                sender, text = read_message(request.body)
            except BadRequest as error:
                return response.json(error_body(error.code, error.message), status=error.status)
            reply = await take_turn(on_new_message, f"rest:{sender}", text, self.name())
            return response.json([{"recipient_id": sender, **reply}])

        return blueprint


def read_message(body: bytes) -> tuple[str, str]:
    """The sender and the text of a request's body.

    Raises:
        BadRequest: the body is too large, is not JSON, or has wrong types.
    """
    if len(body) > MAX_BODY:
        raise BadRequest(
            413, "too_large", f"The body has {len(body)} bytes and {MAX_BODY} is the most: shorten the message."
        )
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest(400, "not_json", 'The body is not JSON: send {"sender": "…", "message": "…"}.') from error
    if not isinstance(data, dict):
        raise BadRequest(400, "not_an_object", 'The body is not a JSON object: send {"sender": "…", "message": "…"}.')
    text = data.get("message")
    if not isinstance(text, str):
        raise BadRequest(400, "no_message", "'message' is missing or is not a text: send it as a string.")
    sender = data.get("sender")
    if sender is None:
        sender = uuid.uuid4().hex
    if not isinstance(sender, str) or not 0 < len(sender) <= MAX_SENDER:
        raise BadRequest(400, "bad_sender", f"'sender' must be a text of 1 to {MAX_SENDER} characters, or be left out.")
    return sender, text
