"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

# A century: dates end somewhere beyond it.
MOST_DAYS = 36_500

MODELS = click.option(
    "--models",
    envvar="FAQBOT_MODELS",
    type=click.Path(path_type=Path),
    default=Path("models"),
    show_default=True,
    help="Folder of Rasa's models.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
