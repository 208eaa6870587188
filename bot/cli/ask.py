"""`faqbot ask`: one question, without a running server."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bot.cli.options import MODELS
from bot.cli.process import prepare_process


@click.command()
@click.argument("question")
@MODELS
@click.option("--json", "as_json", is_flag=True, help="Print the whole reply as JSON.")
def ask(question: str, models: Path, as_json: bool) -> None:
    """Answer one question through the same path as a visitor's message.

    Example: faqbot ask "Does insurance cover Spravato?"
    """
    prepare_process()
    from bot.rasa.agent import LocalBot

    reply = LocalBot(models).ask(question)
    if as_json:
        click.echo(json.dumps(reply, indent=2, ensure_ascii=False))
        return
    click.echo(reply["text"])
    for button in reply.get("buttons", ()):
        click.echo(f"  > {button['title']}")
