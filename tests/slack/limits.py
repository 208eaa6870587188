"""What Slack accepts in `chat.postMessage`: docs.slack.dev/reference, Block Kit and chat.postMessage."""

import re
from collections.abc import Iterator
from typing import Any

BLOCKS = 50
TEXT = 40_000
SECTION = 3000
CONTEXT_ELEMENTS = 10
ACTIONS = 25
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
ACTION_ID = 255
# Arguments that Slack has retired, or that only classic apps may send.
RETIRED = ("as_user", "type", "parse", "link_names", "attachments")
LINK = re.compile(r"<((?:https?|tel|sms|mailto):[^|<>\s]+)\|([^|<>]+)>")


def faults(message: dict[str, Any]) -> list[str]:
    """Everything in a message that Slack would refuse or show wrongly."""
    found = [f"retired argument {name}" for name in RETIRED if name in message]
    text, blocks = message.get("text", ""), message.get("blocks") or []
    if not text:
        found.append("no text beside the blocks")
    if len(text) > TEXT:
        found.append(f"text of {len(text)}")
    if len(blocks) > BLOCKS:
        found.append(f"{len(blocks)} blocks")
    found += _mrkdwn(text)
    for block in blocks:
        found += _block(block)
    return found


def _block(block: dict[str, Any]) -> Iterator[str]:
    kind = block.get("type")
    if kind == "section":
        if set(block) - {"type", "text", "expand", "block_id"}:
            yield f"section with {sorted(block)}"
        yield from _text(block.get("text"), SECTION)
    elif kind == "context":
        elements = block.get("elements", [])
        if not 1 <= len(elements) <= CONTEXT_ELEMENTS:
            yield f"context of {len(elements)}"
        for element in elements:
            yield from _text(element, SECTION)
    elif kind == "actions":
        elements = block.get("elements", [])
        if not 1 <= len(elements) <= ACTIONS:
            yield f"actions of {len(elements)}"
        if len({element.get("action_id") for element in elements}) != len(elements):
            yield "the same action_id twice"
        for element in elements:
            yield from _button(element)
    else:
        yield f"block of type {kind}"


def _text(text: Any, limit: int) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") != "mrkdwn" or not isinstance(text.get("text"), str):
        yield "not a text object"
        return
    if not 1 <= len(text["text"]) <= limit:
        yield f"text of {len(text['text'])}"
    yield from _mrkdwn(text["text"])


def _button(button: dict[str, Any]) -> Iterator[str]:
    text = button.get("text", {})
    if button.get("type") != "button" or text.get("type") != "plain_text":
        yield "not a button with plain text"
    if not 1 <= len(text.get("text", "")) <= BUTTON_TEXT:
        yield f"button text of {len(text.get('text', ''))}"
    if len(button.get("value", "")) > BUTTON_VALUE or not 1 <= len(button.get("action_id", "")) <= ACTION_ID:
        yield "button value or action_id too long"


def _mrkdwn(text: str) -> Iterator[str]:
    """Control signs that are neither an entity nor a whole link, which Slack would swallow or show as they are."""
    rest = LINK.sub("", text)
    if re.search(r"[<>]|&(?!amp;|lt;|gt;)", rest):
        yield "a sign that is not escaped"
    if re.search(r"\*\*|\]\(", rest):
        yield "Markdown that was not turned into mrkdwn"
