"""Rasa's own connectors (SMS, WhatsApp, Telegram, …) behind the same turn as our channels: one reply, as plain text."""

from __future__ import annotations

from rasa.core.channels.channel import UserMessage

from bot.rasa.channels.turn import Deliver, take_turn


def in_plain_text(deliver: Deliver) -> Deliver:
    """What a connector hands its messages to, so that the safety gate, the clock and the one reply are there as well.

    The reply's text is complete by itself. Its buttons are left out: some services refuse a message for a long one.
    """

    async def on_new_message(message: UserMessage) -> None:
        channel = message.input_channel or "other"
        reply = await take_turn(deliver, f"{channel}:{message.sender_id}", message.text or "", channel)
        await message.output_channel.send_text_message(message.sender_id, reply["text"])

    return on_new_message
