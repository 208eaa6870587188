import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from limits import LINK, faults

from bot.answering.reply import Citation, Paragraph, Reply
from bot.knowledge.model import Passage, Source
from bot.rendering.message import as_message
from bot.rendering.slack import MAX_BLOCKS, MAX_BUTTON_TEXT, mrkdwn, slack_messages
from bot.safety.resources import load_region

WORDS = {"sources": "Sources:", "reviewed": "Passage reviewed on {date}."}
DAY = date(2026, 11, 1)
PASSAGE = Passage("a/b#c", "a/b.md", 1, "en", "safety", "A heading", (), (), (), (), DAY, DAY, "Editorial team")
# Whatever a person can write in a knowledge file, and signs that mean something to Slack more often than others.
words = st.text(st.characters(blacklist_categories=("Cc", "Cs")), min_size=1) | st.text("&<>|*_~`[]() ab", min_size=1)
written = words.map(lambda text: " ".join(text.split())).filter(bool)


def cited(number: int, title: str = "A paper", url: str = "https://a.example/?a=1&b=2") -> Citation:
    return Citation(number, Source("s", title, "P & Q", 2024, url, "study", "full text"), PASSAGE)


def posted(reply: Reply, asked: str = "") -> list[dict[str, Any]]:
    return slack_messages(as_message(reply, WORDS), WORDS, asked)


def shown(messages: list[dict[str, Any]], kind: str = "section") -> str:
    blocks = [block for message in messages for block in message["blocks"] if block["type"] == kind]
    return " ".join(text["text"] for block in blocks for text in (block.get("elements") or [block["text"]]))


def letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def test_marks_are_links_to_their_sources():
    reply = Reply("answer", (Paragraph("It may help.", (1, 2)),), (cited(1), cited(2, url="https://b.example")))
    link = "It may help.<https://a.example/?a=1&amp;b=2|[1]><https://b.example|[2]>"
    assert shown(posted(reply)) == link


def test_sources_are_a_context_block_with_links():
    context = shown(posted(Reply("answer", (Paragraph("It may.", (1,)),), (cited(1),))), "context")
    line = "[1] <https://a.example/?a=1&amp;b=2|A paper>. P &amp; Q, 2024."
    assert context == f"Sources:\n{line}\nPassage reviewed on 2026-11-01."


@pytest.mark.parametrize("region", ["us", "ca", "uk", "ie", "au", "nz"])
def test_every_help_line_of_a_region_is_a_link_that_a_phone_opens(region: str):
    resources = load_region(region).all_resources()
    messages = posted(Reply("crisis", (Paragraph("Please call."),), resources=resources))
    links = [link[1].replace("&amp;", "&") for link in LINK.finditer(shown(messages))]
    assert links == [resource.href for resource in resources]
    assert [fault for message in messages for fault in faults(message)] == []


def test_choices_are_buttons_with_the_whole_question_behind_a_short_title():
    question = "Is it covered by insurance, " * 6
    (message,) = posted(Reply("clarify", (Paragraph("Which?"),), suggestions=(question, "Is it safe?")))
    first, second = message["blocks"][-1]["elements"]
    assert len(first["text"]["text"]) <= MAX_BUTTON_TEXT
    assert first["text"]["text"].endswith("…")
    assert (first["value"], second["text"]["text"]) == (question, "Is it safe?")


def test_long_reply_is_split_into_messages_that_slack_takes_and_loses_nothing():
    paragraphs = tuple(Paragraph(f"Sentence {n} & more. " * 40, block=n) for n in range(3 * MAX_BLOCKS))
    messages = posted(Reply("answer", paragraphs))
    assert len(messages) > 3
    assert [fault for message in messages for fault in faults(message)] == []
    assert letters(shown(messages).replace("&amp;", "")) == letters("".join(p.text for p in paragraphs))


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("**bold** and *soft*", "*bold* and _soft_"),
        ("[a & b](https://a.example/x|y)", "<https://a.example/x%7Cy|a &amp; b>"),
        ("5 * 3 * 2 < 31 & more", "5 * 3 * 2 &lt; 31 &amp; more"),
        ("<!channel> <@U1>", "&lt;!channel&gt; &lt;@U1&gt;"),
        ("see [1] and [2](note)", "see [1] and [2](note)"),
    ],
)
def test_markdown_becomes_mrkdwn(markdown: str, expected: str):
    assert mrkdwn(markdown) == expected


@settings(deadline=None)
@given(st.lists(st.tuples(written, st.booleans()), min_size=1, max_size=8), st.lists(written, max_size=5), written)
def test_whatever_was_written_is_inside_slacks_limits_and_escaped(
    said: list[tuple[str, bool]], choices: list[str], title: str
):
    paragraphs = tuple(Paragraph(text, (1,) if marked else (), n) for n, (text, marked) in enumerate(said))
    reply = Reply("answer", paragraphs, (cited(1, title),), suggestions=tuple(choices), notice=title)
    found = [fault for message in posted(reply, asked=title) for fault in faults(message)]
    assert [fault for fault in found if not fault.startswith("Markdown")] == []


@settings(deadline=None, max_examples=30)
@given(written.map(lambda text: text * 500))
def test_one_endless_sentence_is_inside_slacks_limits(text: str):
    reply = Reply("answer", (Paragraph(text[:20_000], (1,)),), (cited(1),))
    found = [fault for message in posted(reply) for fault in faults(message)]
    assert [fault for fault in found if not fault.startswith("Markdown")] == []
