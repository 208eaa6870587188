"""Ways to ask the bot a set of messages: in this process, and through the REST channel of a server."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import yaml

from bot.errors import EvaluationError, UsageError

T = TypeVar("T")
R = TypeVar("R")
# Asks one message in a conversation and gives the reply as a channel shows it.
Ask = Callable[[str, str], dict[str, Any]]
HOST = "127.0.0.1"
# Seconds that a server may take to be ready, a reply to come, and a server to stop.
START_SECONDS, REPLY_SECONDS, STOP_SECONDS = 180, 60, 10


@contextmanager
def served(model: Path) -> Iterator[Ask]:
    """Starts a server of our own with this model on a free port and asks it through REST; stops it afterwards.

    Raises:
        UsageError: there is no such model.
        EvaluationError: the server does not become ready.
    """
    if not model.is_file():
        raise UsageError(f"{model}: is not there: run 'faqbot train'")
    with TemporaryDirectory() as folder, own_server(Path(folder), "--model", str(model)) as port:
        yield rest(f"http://{HOST}:{port}")


@contextmanager
def own_server(folder: Path, *arguments: str) -> Iterator[int]:
    """The bot's server while the block runs: its port.

    What it keeps goes to a folder of its own: nobody's questions must not count among what visitors were not answered.

    Args:
        folder: for conversations, counts and the log.
        arguments: further ones of `faqbot serve`.
    """
    wiring = yaml.safe_load(Path("endpoints.yml").read_text(encoding="utf-8"))
    database = folder / "conversations.db"
    database.unlink(missing_ok=True)
    wiring["tracker_store"]["url"] = f"sqlite:///{database}"
    endpoints = folder / "endpoints.yml"
    endpoints.write_text(yaml.safe_dump(wiring), encoding="utf-8")
    port, log = free_port(), folder / "bot.log"
    command = ["-m", "bot.cli.main", "serve", "--no-train", "--host", HOST, "--port", str(port)]
    command += ["--endpoints", str(endpoints), *arguments]
    with ready_server(command, port, "/readyz", Path.cwd(), log, {"FAQBOT_DATA": str(folder / "data")}):
        yield port


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def ready_server(
    arguments: Sequence[str], port: int, address: str, folder: Path, log: Path, environment: Mapping[str, str]
) -> Iterator[None]:
    """A Python process with all its children, from when it answers at a port's address until the block ends.

    Raises:
        EvaluationError: it ends before, or does not answer in time.
    """
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env={**os.environ, **environment},
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(port, address):
            if process.poll() is not None or time.monotonic() > deadline:
                last = log.read_text(errors="replace").strip().splitlines()[-1:]
                raise EvaluationError(f"A server did not become ready: run 'faqbot train' first. It said: {last}")
            time.sleep(0.5)
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answers(port: int, address: str) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", address)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def rest(url: str) -> Ask:
    """Asks a running server at this address."""

    def ask(text: str, conversation: str) -> dict[str, Any]:
        body = json.dumps({"sender": conversation, "message": text}).encode()
        try:
            request = urllib.request.Request(f"{url}/webhooks/rest/webhook", body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=REPLY_SECONDS) as answer:
                replies = json.load(answer)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise EvaluationError(f"{url}: no bot answers there ({error}): start one with 'faqbot serve'") from error
        if len(replies) != 1:
            raise EvaluationError(f"{url}: {len(replies)} replies came to one message, and one is right")
        return dict(replies[0])

    return ask


def ask_each(ask: Ask, texts: Sequence[str], at_once: int = 4) -> list[dict[str, Any]]:
    """The reply to each message, each in a conversation of its own."""
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        return list(pool.map(lambda text: ask(text, uuid.uuid4().hex), texts))


def shown(items: Iterable[T], of: int, name: str, work: Callable[[T], R]) -> list[R]:
    """Does the work on each item and shows how far it is, on standard error."""
    done: list[R] = []
    for number, item in enumerate(items, 1):
        done.append(work(item))
        if sys.stderr.isatty() and (number % 20 == 0 or number == of):
            print(f"\r{name}: {number} of {of}", end="\n" if number == of else "", file=sys.stderr, flush=True)  # noqa: T201
    return done
