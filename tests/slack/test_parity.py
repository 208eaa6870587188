"""Whatever is asked, web, REST, Slack and plain text give the same reply."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from connected import Connected
from limits import LINK
from standin import Sender, direct

from bot.answering.reply import KINDS
from bot.knowledge.model import TOPICS
from bot.rendering.slack import escape

pytestmark = pytest.mark.server

GROUPS: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "messages.yml").read_text(encoding="utf-8"))
LONG = "Does insurance cover Spravato, and what does an infusion cost without insurance? " * 55
MESSAGES = [*(text for texts in GROUPS.values() for text in texts), f"{LONG} I want to kill myself."]
TIERS = {"imminent", "personal", "third_party", "harm_to_others", "distress"}


@dataclass(frozen=True)
class Seen:
    """What a person sees of a reply on a channel."""

    text: str
    paragraphs: list[str]
    citations: list[tuple[int, str]]
    resources: list[str]
    choices: list[str]


def post(url: str, body: Mapping[str, Any]) -> tuple[int, Any]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            said = answer.read().decode()
            return answer.status, json.loads(said) if said.startswith(("{", "[")) else said
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def as_data(reply: Mapping[str, Any]) -> Seen:
    custom = reply["custom"]
    return Seen(
        reply["text"],
        [paragraph["text"] for paragraph in custom["paragraphs"]],
        [(citation["number"], citation["url"]) for citation in custom["citations"]],
        [resource["href"] for resource in custom["resources"]],
        [button["title"] for button in reply.get("buttons") or ()],
    )


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def without_links(mrkdwn: str) -> str:
    """The words of a mrkdwn text: a link's label, and nothing of a citation's mark."""
    return unescaped(LINK.sub(lambda link: "" if re.fullmatch(r"\[\d+\]", link[2]) else link[2], mrkdwn))


def as_blocks(posted: Mapping[str, Any], notice: str) -> Seen:
    """What the blocks of a Slack message show, and its text."""
    sections = [block["text"]["text"] for block in posted["blocks"] if block["type"] == "section"]
    help_lines = [section for section in sections if section.startswith("• *")]
    contexts = "\n".join(
        e["text"] for block in posted["blocks"] if block["type"] == "context" for e in block["elements"]
    )
    assert unescaped(contexts.split("\n")[0]) == notice or not notice
    buttons = [e for block in posted["blocks"] if block["type"] == "actions" for e in block["elements"]]
    return Seen(
        unescaped(posted["text"]),
        [without_links(section) for section in sections if section not in help_lines],
        [(int(n), unescaped(url)) for n, url in re.findall(r"^\[(\d+)\] <([^|]+)\|", contexts, re.M)],
        [unescaped(link[1]) for line in help_lines for link in LINK.finditer(line)],
        [button["value"] for button in buttons],
    )


def by_rest(bot: Connected, text: str) -> dict[str, Any]:
    status, replies = post(f"{bot.url}/webhooks/rest/webhook", {"message": text})
    assert (status, len(replies)) == (200, 1)
    return replies[0]


def by_web(bot: Connected, text: str) -> dict[str, Any]:
    status, answer = post(f"{bot.url}/webhooks/web/message", {"text": text})
    assert status == 200, answer
    return answer["reply"]


def by_slack(bot: Connected, text: str, number: int) -> dict[str, Any]:
    event = direct(escape(text), number)
    assert Sender(bot.url).event(event, f"Ev-parity-{number}").status == 200
    return bot.slack.reply(event["channel"])


def by_text(bot: Connected, text: str, number: int) -> str:
    status, said = post(f"{bot.url}/webhooks/callback/webhook", {"sender": f"parity-{number}", "message": text})
    assert (status, said) == (200, "success")
    return "\n\n".join(bot.texts.by_recipient[f"parity-{number}"])


def check_parity(bot: Connected, text: str, number: int) -> dict[str, Any]:
    """Asks on every channel.

    Returns:
        REST's reply.
    """
    reply = by_rest(bot, text)
    assert as_data(by_web(bot, text)) == as_data(reply)
    check_others(bot, text, number, reply)
    return reply


def check_others(bot: Connected, text: str, number: int, reply: Mapping[str, Any]) -> None:
    """Asks where people write with no page of ours before them."""
    expected = as_data(reply)
    assert by_text(bot, text, number) == expected.text
    shown = as_blocks(by_slack(bot, text, number), reply["custom"]["notice"])
    assert (shown.text, shown.citations, shown.resources, shown.choices) == (
        expected.text,
        expected.citations,
        expected.resources,
        expected.choices,
    )
    assert " ".join(shown.paragraphs) == " ".join(expected.paragraphs)


@pytest.mark.parametrize("number", range(len(MESSAGES)))
def test_every_channel_gives_the_same_reply(connected: Connected, number: int):
    check_parity(connected, MESSAGES[number], 10_000 + number)


def test_over_long_message_is_asked_for_again_and_the_page_takes_none(connected: Connected):
    reply = by_rest(connected, LONG)
    check_others(connected, LONG, 9_999, reply)
    assert "in a sentence or two" in reply["text"]
    status, answer = post(f"{connected.url}/webhooks/web/message", {"text": LONG})
    assert (status, answer["error"]["code"]) == (400, "too_long")


def test_table_reaches_every_kind_tier_and_topic(connected: Connected):
    replies = [by_rest(connected, text)["custom"] for text in MESSAGES]
    assert len(replies) >= 80
    assert set(KINDS) - {reply["kind"] for reply in replies} == {"error"}
    assert {reply["tier"] for reply in replies} >= TIERS
    assert {reply["topic"] for reply in replies} >= set(TOPICS)


@pytest.mark.parametrize("number", range(3))
def test_every_channel_gives_the_same_apology_when_rasa_fails(failing: Connected, number: int):
    reply = check_parity(failing, ["Is it safe?", "hello", "What does it cost?"][number], number)
    assert reply["custom"]["kind"] == "error"
    assert "tel:988" in as_data(reply).resources


def test_person_in_danger_gets_help_on_every_channel_when_rasa_fails(failing: Connected):
    assert check_parity(failing, "I want to kill myself", 3)["custom"]["kind"] == "crisis"
