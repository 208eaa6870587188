"""`faqbot train`: everything that is built."""

from __future__ import annotations

import click

from bot.rasa_environment import prepare_environment


@click.command()
def train() -> None:
    """Bring the knowledge index, Rasa's model and the ranking up to date.

    Example: faqbot train
    """
    prepare_environment()
    from bot.rasa.logs import configure_logging
    from bot.training.steps import train_all

    configure_logging()
    train_all(click.echo)
    click.echo("train: everything is up to date")
