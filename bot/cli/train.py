"""`faqbot train`: everything that is built."""

from __future__ import annotations

import click

from bot.cli.process import prepare_process
from bot.errors import FaqBotError, UsageError


@click.command()
@click.option("--ranker", is_flag=True, help="Fit the ranking of passages and its confidence anew, and nothing else.")
@click.option(
    "--questions",
    is_flag=True,
    help="Learn anew how questions and follow-ups are asked (a quarter of an hour), and nothing else.",
)
@click.option(
    "--detectors",
    is_flag=True,
    help="Train the detectors of danger and of requests for advice anew (minutes), and nothing else.",
)
@click.option(
    "--encoder", is_flag=True, help="Fine-tune the detectors' encoder anew (most of an hour), and nothing else."
)
@click.option(
    "--encoder-further",
    is_flag=True,
    help="Go on fine-tuning the encoder with what was added to its examples (half an hour), and nothing else.",
)
def train(detectors: bool, questions: bool, ranker: bool, encoder: bool, encoder_further: bool) -> None:
    """Bring the knowledge index and Rasa's model up to date.

    Example: faqbot train
    """
    if sum((detectors, questions, ranker, encoder, encoder_further)) > 1:
        raise UsageError("train: each of its options does one thing and nothing else: name one of them")
    prepare_process()
    from bot.examples import FOLDER
    from bot.runtime import DETECTORS, ENCODER_CHANGES, FOLLOW_UPS, QUESTION_ENCODER, RANKER, runtime
    from bot.training.detectors import train_detectors
    from bot.training.encoder import adapt_encoder
    from bot.training.following import learn_questions
    from bot.training.ranker import fit_ranker
    from bot.training.steps import train_all

    if encoder or encoder_further:
        adapt_encoder(DETECTORS / ENCODER_CHANGES, click.echo, further=encoder_further)
        click.echo("train: the encoder has changed: now run 'faqbot train --detectors'")
    elif detectors:
        train_detectors(DETECTORS, runtime().judges_encoder, click.echo)
    elif ranker:
        fit_ranker(runtime(), FOLDER / "questions" / "tune.jsonl").save(RANKER)
        click.echo(f"train: the ranking is fitted: {RANKER}")
    elif questions:
        learn_questions(runtime(), QUESTION_ENCODER, FOLLOW_UPS, click.echo)
        click.echo("train: the encoder of questions has changed: now run 'faqbot train --ranker'")
    else:
        folder = runtime().settings.knowledge
        if not folder.is_dir():
            raise UsageError(f"{folder}: is no folder: set FAQBOT_KNOWLEDGE to the one with the knowledge files")
        train_all(click.echo)
        if runtime().live.problems:
            raise FaqBotError("train: the last valid knowledge stays in use: mend what is told above")
        click.echo("train: everything is up to date")
