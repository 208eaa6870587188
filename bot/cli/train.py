"""`faqbot train`: everything that is built."""

from __future__ import annotations

import click

from bot.rasa_environment import prepare_environment


@click.command()
@click.option(
    "--detectors",
    is_flag=True,
    help="Train the detectors of danger and of requests for advice anew (minutes), and nothing else.",
)
def train(detectors: bool) -> None:
    """Bring the knowledge index, Rasa's model and the ranking up to date.

    Example: faqbot train
    """
    prepare_environment()
    from bot.rasa.logs import configure_logging
    from bot.runtime import runtime
    from bot.training.detectors import train_detectors
    from bot.training.steps import train_all

    configure_logging()
    if detectors:
        train_detectors(runtime().encoder, click.echo)
        return
    train_all(click.echo)
    click.echo("train: everything is up to date")
