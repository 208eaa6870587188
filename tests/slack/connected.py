"""A running bot that is connected to a stand-in of Slack, both real servers."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from standin import SECRET, TOKEN, Slack

ROOT = Path(__file__).parents[2]
READY_WITHIN = 240.0


class Texts:
    """What a service with nothing but text is sent by Rasa's `callback` connector: the messages by recipient."""

    def __init__(self) -> None:
        texts = self.by_recipient = {}

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                message: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                texts.setdefault(message["recipient_id"], []).append(message["text"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()


@dataclass(frozen=True)
class Connected:
    """A bot's address and process, the Slack that it is connected to, and what its plain-text connector sends."""

    url: str
    process: "subprocess.Popen[bytes]"
    slack: Slack
    texts: Texts


@contextmanager
def connect(folder: Path, late: bool = False, **environment: str) -> Iterator[Connected]:
    """A running bot with Slack and Rasa's `callback` connector, which stands for every service that shows only text.

    Args:
        folder: where it keeps its data.
        late: let Rasa answer when nobody waits any more.
        environment: the bot's settings.
    """
    texts = Texts()
    credentials = folder / "credentials.yml"
    callback = f"\ncallback:\n  url: http://127.0.0.1:{texts.server.server_port}/\n"
    credentials.write_text((ROOT / "credentials.yml").read_text() + callback)
    endpoints = folder / "endpoints.yml"
    wiring = (ROOT / "endpoints.yml").read_text().replace("sqlite:///var/", f"sqlite:///{folder}/")
    endpoints.write_text(
        wiring.replace("bot.rasa.conversations.ConversationStore", "late.LateStore") if late else wiring
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Slack() as slack:
        faqbot = Path(sys.executable).with_name("faqbot")
        command = [faqbot, "serve", "--no-train", "--port", str(port)]
        command += ["--credentials", credentials, "--endpoints", endpoints]
        own = {
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": slack.url,
            "FAQBOT_DATA": folder,
            "PYTHONPATH": Path(__file__).parent,
        }
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **own, **environment})
        try:
            _wait_until_ready(process, f"http://127.0.0.1:{port}")
            yield Connected(f"http://127.0.0.1:{port}", process, slack, texts)
        finally:
            process.terminate()
            process.wait(60)


def _wait_until_ready(process: "subprocess.Popen[bytes]", url: str) -> None:
    end = time.monotonic() + READY_WITHIN
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.fail(f"the server ended with code {process.returncode}; its messages are above")
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"the server was not ready within {READY_WITHIN:.0f} s; its messages are above")
