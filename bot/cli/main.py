"""The `faqbot` command: one module a command, each a thin printing function around a pure one."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot.cli import ask, bench, evaluate, knowledge, serve, train, unanswered
from bot.errors import FaqBotError, UsageError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="ketamine-faq-bot")
def cli() -> None:
    """Answers visitors' questions about ketamine therapy from the clinic's reviewed passages."""


cli.add_command(knowledge.knowledge)
cli.add_command(serve.serve)
cli.add_command(train.train)
cli.add_command(ask.ask)
cli.add_command(evaluate.evaluate, "eval")
cli.add_command(unanswered.unanswered)
cli.add_command(bench.bench)


def main() -> None:
    """Runs the command line; a person's mistake ends in one sentence and an exit code, never in a traceback."""
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.ClickException as error:
        where = f" (see '{error.ctx.command_path} --help')" if isinstance(error, click.UsageError) and error.ctx else ""
        click.echo(f"{error.format_message().removesuffix('.')}{where}", err=True)
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        sys.exit(130)
    except FaqBotError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        # Commands read the project's files by names that hold in its folder only.
        is_elsewhere = isinstance(error, FileNotFoundError) and not Path("endpoints.yml").is_file()
        remedy = ": run it in the project's folder" if is_elsewhere else ""
        click.echo(f"{error.filename or 'faqbot'}: {error.strerror or error}{remedy}", err=True)
        sys.exit(UsageError.exit_code)


if __name__ == "__main__":
    main()
