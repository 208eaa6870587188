"""Talking to the REST channel, and a server of one's own whose files and output may be touched."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
READY_WITHIN = 240.0


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; `messages` is its body as JSON."""

    status: int
    body: str

    @property
    def messages(self) -> Any:
        return json.loads(self.body)


def request(url: str, body: bytes | None = None, content_type: str = "application/json") -> Answer:
    asked = urllib.request.Request(url, data=body, headers={"Content-Type": content_type})
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return Answer(answer.status, answer.read().decode())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read().decode())


def ask_at(url: str, message: str, sender: str | None = None) -> dict[str, Any]:
    """The one reply to a message."""
    body = {"message": message} if sender is None else {"sender": sender, "message": message}
    answer = request(f"{url}/webhooks/rest/webhook", json.dumps(body).encode())
    assert answer.status == 200, answer
    (reply,) = answer.messages
    return reply


@pytest.fixture
def get(server) -> Callable[[str], Answer]:
    """Asks the shared server for an address."""
    return lambda path: request(server.url + path)


@pytest.fixture
def post(server) -> Callable[..., Answer]:
    """Posts bytes to the REST channel of the shared server."""
    return lambda body, **more: request(f"{server.url}/webhooks/rest/webhook", body, **more)


@pytest.fixture
def ask(server) -> Callable[..., dict[str, Any]]:
    """Asks the shared server."""
    return lambda message, sender=None: ask_at(server.url, message, sender)


@dataclass
class OwnServer:
    """A server over a copy of the knowledge, with its own conversations and its output in a file."""

    folder: Path
    url: str
    process: subprocess.Popen[bytes]

    @property
    def knowledge(self) -> Path:
        return self.folder / "knowledge"

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    def ask(self, message: str, sender: str | None = None) -> dict[str, Any]:
        return ask_at(self.url, message, sender)

    def get(self, path: str) -> Answer:
        return request(self.url + path)


@pytest.fixture(scope="session")
def own_server(tmp_path_factory) -> Iterator[OwnServer]:
    """Starts it once; the last test that uses it may stop it."""
    folder = tmp_path_factory.mktemp("own")
    shutil.copytree(ROOT / "knowledge", folder / "knowledge")
    shutil.copytree(ROOT / "build", folder / "build", ignore=shutil.ignore_patterns("encoder"))
    (folder / "build/encoder").symlink_to(ROOT / "build/encoder")
    endpoints = (ROOT / "endpoints.yml").read_text().replace("sqlite:///var/", f"sqlite:///{folder}/")
    (folder / "endpoints.yml").write_text(endpoints)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "FAQBOT_KNOWLEDGE": str(folder / "knowledge"),
        "FAQBOT_BUILD": str(folder / "build"),
        "FAQBOT_DATA": str(folder),
        "FAQBOT_MESSAGES_PER_MINUTE_ADDRESS": "10000",
    }
    command = [Path(sys.executable).with_name("faqbot"), "serve", "--no-train", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--endpoints", str(folder / "endpoints.yml")]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=output, stderr=output)
    running = OwnServer(folder, f"http://127.0.0.1:{port}", process)
    try:
        _wait_until_ready(running)
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _wait_until_ready(running: OwnServer) -> None:
    end = time.monotonic() + READY_WITHIN
    while True:
        try:
            if running.get("/readyz").status == 200:
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        if running.process.poll() is not None or time.monotonic() > end:
            pytest.fail(f"the server is not ready; it said:\n{running.output}")
        time.sleep(0.2)
