"""One turn of a conversation on any channel: the safety gate first, then Rasa under a clock, and always one reply."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from bot.answering.conversation import HELP, Conversation
from bot.answering.replies import Phrasebook, apology, crisis_reply, with_support
from bot.answering.reply import say
from bot.language import detect_language
from bot.rasa.generator import MAX_CHARACTERS, OUTBOX
from bot.rasa.metrics import REPLIES, SECONDS
from bot.rasa.safety_gate import CRISIS_INTENT
from bot.rendering.message import as_message
from bot.runtime import runtime
from bot.safety.gate import Verdict
from bot.safety.resources import DEFAULT_REGION, Region, load_region
from bot.text import clean

logger = logging.getLogger(__name__)

# What Rasa would take for a command once it has stripped the white space, line breaks included.
_COMMAND = re.compile(r"^[/\s]+")

# Characters of a message that are looked at; of what is longer than an answer can be sought for, by the gate alone.
LONGEST = 100_000

Deliver = Callable[[UserMessage], Awaitable[Any]]
# How many conversations remember that they were shown help, beside Rasa's own record of them.
REMEMBERED = 10_000
# As long as the domain keeps a session.
REMEMBERED_SECONDS = 30 * 60


class Helped:
    """Remembers which conversations were shown help lately, of which kinds and how often.

    Args:
        seconds: how long; where a conversation is for ever, as on Slack, a later cry for help gets the whole text.
        clock: gives the time in seconds.
    """

    def __init__(self, seconds: float = REMEMBERED_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._shown: OrderedDict[str, deque[tuple[str, float]]] = OrderedDict()

    def times(self, conversation: str, label: str) -> int:
        """How often this conversation has lately been answered with one of the gate's labels, counted up to 8."""
        since = self._clock() - self._seconds
        return sum(shown == label and at >= since for shown, at in self._shown.get(conversation, ()))

    def add(self, conversation: str, label: str) -> None:
        """Notes a label."""
        self._shown.setdefault(conversation, deque(maxlen=8)).append((label, self._clock()))
        self._shown.move_to_end(conversation)
        if len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)


_helped = Helped()
_background: set[asyncio.Task[None]] = set()


async def take_turn(deliver: Deliver, conversation: str, text: str, channel: str) -> dict[str, Any]:
    """The reply to one message as a channel message: `text`, `custom` and, where there are choices, `buttons`.

    Args:
        deliver: hands a message to Rasa.
        conversation: the id under which Rasa keeps the conversation; made by the channel, never by the visitor.
        text: what the visitor typed, unchanged.
        channel: name of the channel.
    """
    with SECONDS.labels(channel).time():
        try:
            reply = await _reply(deliver, conversation, text, channel)
        except Exception as error:  # noqa: BLE001 - one of the two places that owe the visitor a reply
            logger.error(
                "channel %s: no reply could be made (%s); the visitor gets the apology.", channel, _name(error)
            )
            reply = as_message(apology(*_words(detect_language(text))), {})
    REPLIES.labels(reply["custom"]["kind"], channel).inc()
    return reply


def is_urgent(text: str) -> bool:
    """Whether the gate stops a message, or cannot say: its reply must not wait for those of others."""
    try:
        return runtime().gate.assess(clean(text, LONGEST)).stops
    except Exception:  # noqa: BLE001 - `take_turn` meets the same trouble, and answers it
        return True


async def _reply(deliver: Deliver, conversation: str, text: str, channel: str) -> dict[str, Any]:
    typed = clean(text, LONGEST)
    if not typed:
        return _fixed("empty", runtime().settings.language)
    verdict = runtime().gate.assess(typed)
    if verdict.stops:
        return _help(deliver, conversation, channel, verdict)
    if len(typed) > MAX_CHARACTERS:
        return _fixed("too_long", verdict.language, verdict)
    reply = await asyncio.wait_for(_ask_rasa(deliver, conversation, typed, channel), runtime().settings.deadline)
    if reply["custom"]["kind"] in HELP:
        # What stands on a danger told before gets help without having been stopped here.
        _helped.add(conversation, reply["custom"]["tier"] or reply["custom"]["kind"])
    return reply


def _fixed(name: str, language: str, verdict: Verdict | None = None) -> dict[str, Any]:
    """A reply of fixed sentences that needs neither Rasa nor a search."""
    phrases = Phrasebook(runtime().knowledge, language)
    reply = say("smalltalk", phrases.sentences(name), language=phrases.language)
    return as_message(with_support(reply, verdict, Conversation(), phrases), phrases.labels())


def _help(deliver: Deliver, conversation: str, channel: str, verdict: Verdict) -> dict[str, Any]:
    """The fixed reply. Rasa hears of it afterwards, and whatever happens to it there changes nothing here."""
    label = verdict.label or ""
    before = _helped.times(conversation, label)
    _helped.add(conversation, label)
    message = as_message(crisis_reply(label, region(), verdict.language, before), {})
    task = asyncio.ensure_future(_record(deliver, conversation, channel, label, verdict.language))
    _background.add(task)
    task.add_done_callback(_background.discard)
    return message


def region() -> Region:
    """The clinic's region; the default one where its file cannot be read: help must not wait for a mended file."""
    try:
        return load_region(runtime().knowledge.clinic.region)
    except Exception as error:  # noqa: BLE001 - a visitor in danger gets numbers, whatever is broken
        logger.error(
            "knowledge: clinic.yml cannot be read (%s); help lines are those of '%s'.", _name(error), DEFAULT_REGION
        )
        return load_region(DEFAULT_REGION)


def _words(language: str) -> tuple[Phrasebook | None, Region, str]:
    """What an apology can be made of."""
    try:
        return Phrasebook(runtime().knowledge, language), region(), language
    except Exception:  # noqa: BLE001 - the apology has words of its own
        return None, region(), language


async def _record(deliver: Deliver, conversation: str, channel: str, label: str, language: str) -> None:
    """Notes in Rasa's record that help was shown, without the visitor's words."""
    payload = f'/{CRISIS_INTENT}{{"tier": "{label}", "language": "{language}"}}'
    try:
        await deliver(UserMessage(payload, CollectingOutputChannel(), conversation, input_channel=channel))
    except Exception as error:  # noqa: BLE001 - the visitor already has the help lines
        logger.error(
            "channel %s: the conversation's record does not know that help was shown (%s).",
            channel,
            _name(error),
        )


async def _ask_rasa(deliver: Deliver, conversation: str, text: str, channel: str) -> dict[str, Any]:
    """Rasa's one reply. A leading slash would let a visitor name an intent, so it is taken off, and what hides it."""
    outbox: list[dict[str, Any]] = []
    OUTBOX.set(outbox)
    typed = _COMMAND.sub("", text) or "?"
    await deliver(UserMessage(typed, CollectingOutputChannel(), conversation, input_channel=channel))
    if not outbox:
        raise RuntimeError("Rasa made no reply")
    return outbox[-1]


def _name(error: Exception) -> str:
    """What may be logged of an error: its message could hold a visitor's words."""
    return type(error).__name__
