"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

from bot.settings import read_settings

# A century: dates end somewhere beyond it.
MOST_DAYS = 36_500

MODELS = click.option(
    "--models",
    type=click.Path(path_type=Path),
    default=lambda: read_settings().models,
    show_default="FAQBOT_MODELS, or models",
    help="Folder of Rasa's models.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
