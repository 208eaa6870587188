"""`faqbot eval …`: how good the bot is, on the project's own sets and on others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import click

from bot.cli.eval_public import ablations, baselines, distractors, intents, retrieval
from bot.cli.options import JSON, MODELS
from bot.cli.process import prepare_process
from bot.errors import EvaluationError
from bot.evaluation.metrics import Share, said
from bot.settings import MODEL

_FILE = click.Path(path_type=Path)


@click.group(invoke_without_command=True)
@click.option(
    "--part", type=click.Choice(["tune", "report"]), default="report", show_default=True, help="Which part of the sets."
)
@click.option("--out", type=_FILE, default=Path("build/eval"), show_default=True, help="Folder of the report page.")
@JSON
@click.pass_context
def evaluate(context: click.Context, part: str, out: Path, as_json: bool) -> None:
    """Measure everything and write one report page; fail where the report part falls below what it must hold.

    Example: faqbot eval --part tune
    """
    if context.invoked_subcommand is not None:
        return
    prepare_process()
    from bot.evaluation.bounds import out_of_bounds
    from bot.evaluation.report import FIGURES, PAGE, write_report

    figures = write_report(part, out, partial(click.echo, err=as_json))
    click.echo((out / FIGURES).read_text() if as_json else f"The report is at {out / PAGE}")
    if part == "report" and (broken := out_of_bounds(figures)):
        raise EvaluationError("; ".join(broken))


for command in (retrieval, intents, baselines, ablations, distractors):
    evaluate.add_command(command)


@evaluate.command()
@click.option(
    "--messages",
    type=_FILE,
    default=Path("evaluation/questions/report.jsonl"),
    show_default=True,
    help="Questions, JSON Lines.",
)
@MODELS
@JSON
def questions(messages: Path, models: Path, as_json: bool) -> None:
    """Ask questions: the complete reply to each, and the figures where it is said what is right.

    Example: faqbot eval questions --messages evaluation/questions/tune.jsonl
    """
    prepare_process()
    from bot.evaluation import questions as measured
    from bot.examples import read_questions
    from bot.rasa.agent import LocalBot
    from bot.runtime import runtime

    rows = read_questions(messages, is_ours=False)
    bot = LocalBot(models)
    outcomes = measured.run(bot, runtime(), rows)
    for outcome in outcomes:
        if as_json:
            click.echo(json.dumps(measured.as_row(outcome), ensure_ascii=False))
        else:
            click.echo(f"{outcome.asked.id}\t{outcome.asked.text}\n{outcome.reply['text']}\n")
    if not as_json and any(asked.kind for asked in rows):
        click.echo(table(measured.summary(outcomes, runtime().live.snapshot.knowledge)))


@evaluate.command()
@click.option(
    "--messages",
    type=_FILE,
    default=Path("evaluation/safety/report.jsonl"),
    show_default=True,
    help="Messages, JSON Lines.",
)
@click.option("--url", default="", help="A running server; without it one is started.")
@click.option(
    "--alone",
    type=click.Choice(["patterns", "detector"]),
    help="Judge with one of the two detectors only, in this process: what is left when the other fails.",
)
@MODELS
@JSON
def safety(messages: Path, url: str, alone: str | None, models: Path, as_json: bool) -> None:
    """Look at the reply to each message through REST: is help shown where it must be, and only there?

    Example: faqbot eval safety --messages evaluation/safety/tune.jsonl
    """
    prepare_process()
    from bot.evaluation import safety as measured
    from bot.evaluation.running import rest, served
    from bot.examples import read_lines
    from bot.rasa.agent import LocalBot
    from bot.runtime import runtime

    rows = read_lines(messages)

    def score(text: str) -> float:
        return runtime().gate.assess(text).score

    if alone:
        measured.leave_alone(alone, runtime())
        judged = measured.judge(LocalBot(models).ask, rows, score, at_once=1)
    elif url:
        judged = measured.judge(rest(url.rstrip("/")), rows, score)
    else:
        with served(models / f"{MODEL}.tar.gz") as ask:
            judged = measured.judge(ask, rows, score)
    if unknown := measured.unknown_labels(judged):
        known = ", ".join(measured.LABELS)
        click.echo(f"{messages}: labels that count in no figure: {', '.join(unknown)} (use {known})", err=True)
    figures = measured.summary(judged)
    if as_json:
        data = {"messages": measured.as_rows(judged), "figures": {k: v.as_dict() for k, v in figures.items()}}
        click.echo(json.dumps(data, indent=1))
        return
    for j in judged:
        click.echo(f"{j.id}\t{j.kind}\t{j.tier or '-'}\t{j.score}")
    if not figures:
        return
    click.echo(table(figures))
    click.echo("\nBy tier and type: stopped; help shown")
    for name, (stopped, helped) in measured.by_type(judged).items():
        click.echo(f"{name:32} {stopped!s:38} {helped}")


@evaluate.command()
@click.option(
    "--messages",
    type=_FILE,
    default=Path("evaluation/dialogues/report.jsonl"),
    show_default=True,
    help="Conversations.",
)
@click.option("--verbose", is_flag=True, help="Also print every turn that is not right.")
@MODELS
@JSON
def dialogues(messages: Path, verbose: bool, models: Path, as_json: bool) -> None:
    """Hold conversations and judge each turn.

    Example: faqbot eval dialogues --messages evaluation/dialogues/tune.jsonl
    """
    _converse(messages, "turns", verbose, models, as_json)


@evaluate.command()
@click.option(
    "--messages",
    type=_FILE,
    default=Path("evaluation/parts/report.jsonl"),
    show_default=True,
    help="Messages with parts.",
)
@click.option("--verbose", is_flag=True, help="Also print every part that is not right.")
@MODELS
@JSON
def parts(messages: Path, verbose: bool, models: Path, as_json: bool) -> None:
    """Ask messages that hold several questions and judge each of them.

    Example: faqbot eval parts --messages evaluation/parts/tune.jsonl
    """
    _converse(messages, "parts", verbose, models, as_json)


@evaluate.command()
@click.option(
    "--messages",
    type=_FILE,
    default=Path("evaluation/advice/report.jsonl"),
    show_default=True,
    help="Requests for advice and general questions.",
)
@MODELS
@JSON
def advice(messages: Path, models: Path, as_json: bool) -> None:
    """Are requests for personal advice declined, and general questions beside them answered?

    Example: faqbot eval advice --messages evaluation/advice/tune.jsonl
    """
    prepare_process()
    from bot.evaluation import advice as measured
    from bot.examples import read_advice
    from bot.rasa.agent import LocalBot
    from bot.runtime import runtime

    rows = read_advice(messages)
    figures = measured.run(LocalBot(models).ask, rows, runtime().knowledge.clinic)
    click.echo(json.dumps({k: v.as_dict() for k, v in figures.items()}, indent=1) if as_json else table(figures))


def _converse(messages: Path, key: str, verbose: bool, models: Path, as_json: bool) -> None:
    prepare_process()
    from bot.evaluation import dialogues as measured
    from bot.examples import read_lists
    from bot.rasa.agent import LocalBot
    from bot.runtime import runtime

    rows = read_lists(messages, key)
    run = measured.run_dialogues if key == "turns" else measured.run_parts
    judged = run(LocalBot(models).ask, rows, runtime().live.snapshot.knowledge)
    figures = measured.summary(judged)
    if as_json:
        click.echo(
            json.dumps(
                {"figures": {k: v.as_dict() for k, v in figures.items()}, "items": [vars(j) for j in judged]}, indent=1
            )
        )
        return
    click.echo(table(figures))
    for j in judged:
        if verbose and not j.right:
            click.echo(f"{j.id}\t{j.follow_up}\t{j.text}\tgot {j.kind} {j.shown}\twanted {j.wanted}")


def table(figures: Mapping[str, Share | float]) -> str:
    """Names and figures in two columns."""
    width = max(map(len, figures), default=0)
    return "\n".join(f"{name:{width}}  {said(figure)}" for name, figure in figures.items())
