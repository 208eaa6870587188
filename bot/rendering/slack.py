"""The reply as Slack's blocks, inside Slack's limits, and the whole plain text beside them for screen readers.

Limits: https://docs.slack.dev/reference/block-kit/blocks and https://docs.slack.dev/reference/methods/chat.postMessage.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.answering.reply import Paragraph, blocks, marked

MAX_BLOCKS = 50
MAX_BLOCK_TEXT = 3000
MAX_BUTTONS = 25
MAX_BUTTON_TEXT = 75
MAX_BUTTON_VALUE = 2000
# Slack cuts `text` at 40,000 characters; escaping can make five of one.
MAX_TEXT = 8000
# Slack refuses a message whose blocks are too long together and does not say where that begins; this is far below it.
MAX_MESSAGE = 10_000
# A piece of this length fits a block even where every character needs escaping and marks follow it.
_PIECE = 400
_MARKS = 900

_MARKDOWN = re.compile(
    r"\[(?P<label>[^\]]+)\]\((?P<href>(?:https?:|mailto:|tel:|sms:)[^)\s]+)\)"
    r"|\*\*(?P<strong>\S(?:.*?\S)?)\*\*"
    r"|~~(?P<struck>\S(?:.*?\S)?)~~"
    r"|(?<![\w*])\*(?P<emphasis>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])"
)

Block = dict[str, Any]


def slack_messages(message: Mapping[str, Any], words: Mapping[str, str], asked: str = "") -> list[dict[str, Any]]:
    """The `text` and `blocks` of what to post, in order: one message, unless a reply is too long for one.

    Args:
        message: a channel message with its `text` and `custom`.
        words: the labels in the reply's language: `sources`, `reviewed`.
        asked: a question to repeat above the reply, where the visitor pressed a button and typed nothing.
    """
    custom = message["custom"]
    shown = list(_blocks(custom, words))
    if asked:
        shown.insert(0, _section(f"*{escape(asked[:_PIECE])}*"))
    first, *more = _split(shown)
    text = escape(message["text"][:MAX_TEXT])
    return [{"text": text, "blocks": first}, *({"text": "…", "blocks": part} for part in more)]


def _blocks(custom: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[Block]:
    if custom["notice"]:
        yield _context(escape(custom["notice"]))
    urls = {c["number"]: c["url"] for c in custom["citations"]}
    paragraphs = [Paragraph(p["text"], tuple(p["citations"]), p["block"]) for p in custom["paragraphs"]]
    for block in blocks(paragraphs):
        yield from map(_section, _packed(_sentences(block, urls), " "))
    yield from map(_section, _packed(map(_resource, custom["resources"]), "\n"))
    if custom["citations"]:
        reviewed = min(c["passage"]["reviewed"] for c in custom["citations"])
        first, last = escape(words["sources"]), escape(words["reviewed"].format(date=reviewed))
        yield from map(_context, _packed([first, *map(_citation, custom["citations"]), last], "\n"))
    if custom["suggestions"]:
        choices = custom["suggestions"][:MAX_BUTTONS]
        yield {"type": "actions", "elements": [_button(number, choice) for number, choice in enumerate(choices, 1)]}


def _sentences(block: Sequence[Paragraph], urls: Mapping[int, str]) -> Iterator[str]:
    """A block's sentences in mrkdwn, each with its marks as links to the sources."""
    for text, numbers in marked(block):
        marks = "".join(link(urls[n], f"[{n}]") for n in numbers)
        if len(marks) > _MARKS:
            marks = "".join(f"[{n}]" for n in numbers)
        pieces = [text] if len(mrkdwn(text)) <= MAX_BLOCK_TEXT - _MARKS else textwrap.wrap(text, _PIECE)
        for piece in pieces[:-1]:
            yield mrkdwn(piece)
        yield mrkdwn(pieces[-1]) + marks


def _resource(resource: Mapping[str, Any]) -> str:
    """A way to help, as a link that a phone opens."""
    return f"• *{escape(resource['label'])}*: {link(resource['href'], resource['shown'])}"


def _citation(citation: Mapping[str, Any]) -> str:
    title = link(citation["url"], citation["title"][:_PIECE])
    return f"[{citation['number']}] {title}. {escape(citation['publisher'])}, {citation['year']}."


def _button(number: int, choice: str) -> Block:
    title = choice if len(choice) <= MAX_BUTTON_TEXT else choice[: MAX_BUTTON_TEXT - 1].rstrip() + "…"
    return {
        "type": "button",
        "action_id": f"choice-{number}",
        "text": {"type": "plain_text", "text": title, "emoji": False},
        "value": choice[:MAX_BUTTON_VALUE],
    }


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, "expand": True}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def _packed(pieces: Iterable[str], glue: str) -> Iterator[str]:
    """The pieces joined by `glue`, in as few texts as the limit of one block allows."""
    text = ""
    for piece in pieces:
        if text and len(text) + len(glue) + len(piece) > MAX_BLOCK_TEXT:
            yield text
            text = piece
        else:
            text = f"{text}{glue}{piece}" if text else piece
    if text:
        yield text


def _split(shown: Sequence[Block]) -> list[list[Block]]:
    """The blocks in order, in as few messages as Slack's limits allow."""
    parts: list[list[Block]] = [[]]
    length = 0
    for block in shown:
        size = len(str(block))
        if parts[-1] and (len(parts[-1]) == MAX_BLOCKS or length + size > MAX_MESSAGE):
            parts.append([])
            length = 0
        parts[-1].append(block)
        length += size
    return parts


def escape(text: str) -> str:
    """The text with the three characters replaced that Slack reads as control signs.

    >>> escape("Q&A <b>")
    'Q&amp;A &lt;b&gt;'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(href: str, label: str) -> str:
    """A link in mrkdwn.

    >>> link("tel:988", "call 988")
    '<tel:988|call 988>'
    """
    return f"<{escape(href).replace('|', '%7C')}|{escape(label).replace('|', '/')}>"


def mrkdwn(text: str) -> str:
    """Markdown's emphasis and links in Slack's own notation, everything else escaped.

    >>> mrkdwn("**Yes**, *often* [here](https://a.example/?b&c) & 3 * 4 < 13")
    '*Yes*, _often_ <https://a.example/?b&amp;c|here> &amp; 3 * 4 &lt; 13'
    """
    parts, end = [], 0
    for match in _MARKDOWN.finditer(text):
        parts += [escape(text[end : match.start()]), _marked_up(match)]
        end = match.end()
    return "".join([*parts, escape(text[end:])])


def _marked_up(match: re.Match[str]) -> str:
    if match["href"]:
        return link(match["href"], match["label"])
    if match["strong"]:
        return f"*{mrkdwn(match['strong'])}*"
    return f"~{mrkdwn(match['struck'])}~" if match["struck"] else f"_{mrkdwn(match['emphasis'])}_"
