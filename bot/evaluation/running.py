"""Ways to ask the bot a set of messages: in this process, and through the REST channel of a server."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from bot.errors import EvaluationError

T = TypeVar("T")
R = TypeVar("R")
# Asks one message in a conversation and gives the reply as a channel shows it.
Ask = Callable[[str, str], dict[str, Any]]
START_SECONDS = 180
REPLY_SECONDS = 60


@contextmanager
def served() -> Iterator[Ask]:
    """Starts a server on a free port and asks it through REST; stops it afterwards.

    Raises:
        EvaluationError: the server does not become ready.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "bot.cli.main", "serve", "--no-train", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    try:
        _await_ready(server, f"http://127.0.0.1:{port}/readyz")
        yield rest(f"http://127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait(timeout=20)


def rest(url: str) -> Ask:
    """Asks a running server at this address."""

    def ask(text: str, conversation: str) -> dict[str, Any]:
        body = json.dumps({"sender": conversation, "message": text}).encode()
        request = urllib.request.Request(f"{url}/webhooks/rest/webhook", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=REPLY_SECONDS) as answer:
            replies = json.load(answer)
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


def _await_ready(server: subprocess.Popen[bytes], url: str) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise EvaluationError("The server did not become ready: run 'faqbot train', then 'faqbot serve' to see why.")
