"""`faqbot serve`: the server, in the foreground."""

from __future__ import annotations

import signal
import socket
import sys
from pathlib import Path

import click

from bot.errors import UsageError
from bot.rasa_environment import prepare_environment
from bot.settings import read_settings


@click.command()
@click.option(
    "--host",
    envvar="HOST",
    default="127.0.0.1",
    show_default=True,
    show_envvar=True,
    help="Address to listen on.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    envvar="PORT",
    default=5005,
    show_default=True,
    show_envvar=True,
    help="Port to listen on.",
)
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    help="Rasa's model, by default faqbot.tar.gz in the folder of FAQBOT_MODELS.",
)
@click.option(
    "--endpoints",
    type=click.Path(path_type=Path),
    default=Path("endpoints.yml"),
    show_default=True,
    help="Rasa's endpoints file.",
)
@click.option(
    "--credentials",
    type=click.Path(path_type=Path),
    default=Path("credentials.yml"),
    show_default=True,
    help="Rasa's credentials file.",
)
@click.option("--train/--no-train", default=True, show_default=True, help="First bring model and index up to date.")
def serve(host: str, port: int, model: Path | None, endpoints: Path, credentials: Path, train: bool) -> None:
    """Serve the bot until Ctrl-C.

    Example: faqbot serve --port 8080
    """
    check_address(host, port)
    prepare_environment()
    if train:
        from bot.training.steps import train_all

        # So that what trains in a process of its own ends with this one.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        train_all(click.echo)
    from bot.rasa.server import serve as run

    run(host, port, model or read_settings().model, endpoints, credentials)


def check_address(host: str, port: int) -> None:
    """Makes sure that the server can listen there, before anything takes its time.

    Raises:
        UsageError: it cannot: another program does, or the address is none of this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except (OSError, UnicodeError) as error:
        found = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"{host}:{port}: cannot listen there ({found}): stop what does, or choose another --port or --host"
        ) from error
