"""What a command does before it loads Rasa, models or anything else that is heavy."""

from __future__ import annotations

from bot.rasa_environment import prepare_environment


def prepare_process() -> None:
    """Sets the environment and the logs of this process."""
    prepare_environment()
    from bot.rasa.logs import configure_logging

    configure_logging()
