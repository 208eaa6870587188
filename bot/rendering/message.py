"""The reply as data, for the web and for REST: text, the whole reply as an object, and buttons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.answering.reply import Reply
from bot.rendering.plain import plain_text


def as_message(reply: Reply, labels: Mapping[str, str]) -> dict[str, Any]:
    """The complete message: `text`, `custom`, and `buttons` where there are choices."""
    message: dict[str, Any] = {"text": plain_text(reply, labels), "custom": reply.as_custom()}
    if reply.suggestions:
        message["buttons"] = [{"title": choice, "payload": choice} for choice in reply.suggestions]
    return message
