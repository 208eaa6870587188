"""`faqbot knowledge …`: what clinic staff use on the knowledge files."""

from __future__ import annotations

import json
import statistics
from pathlib import Path

import click

from bot.errors import Problem
from bot.knowledge.check import check_content, reading_grade
from bot.knowledge.parse import read_knowledge


@click.group()
def knowledge() -> None:
    """Check, search and compare the knowledge files."""


@knowledge.command()
@click.option("--knowledge", "root", type=click.Path(path_type=Path), default=Path("knowledge"), show_default=True, help="The knowledge folder.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(root: Path, as_json: bool) -> int:
    """Say what is wrong with the knowledge files, a line for each problem.

    Example: faqbot knowledge check
    """
    problems, summary = check_knowledge(root)
    if as_json:
        click.echo(json.dumps({"problems": [vars(p) for p in problems], **summary}, indent=2))
    else:
        for problem in problems:
            click.echo(str(problem), err=True)
        click.echo(
            f"{summary['passages']} passages, {summary['questions']} questions, {summary['sources']} sources, "
            f"median reading grade {summary['median_grade']}: {summary['errors']} problems, {summary['warnings']} warnings"
        )
    return 1 if summary["errors"] else 0


def check_knowledge(root: Path) -> tuple[list[Problem], dict[str, float]]:
    """Every problem of form and content, and the figures that sum the folder up."""
    base, problems = read_knowledge(root)
    problems = sorted(problems + check_content(base, root))
    grades = [reading_grade(p.text) for p in base.passages]
    return problems, {
        "passages": len(base.passages),
        "questions": sum(len(p.questions) for p in base.passages),
        "sources": len(base.sources),
        "median_grade": round(statistics.median(grades), 1) if grades else 0.0,
        "errors": sum(not p.warning for p in problems),
        "warnings": sum(p.warning for p in problems),
    }
