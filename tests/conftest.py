"""What tests of several folders share."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
READY_WITHIN = 240.0


@dataclass
class Server:
    """`faqbot serve --no-train` in a process of its own."""

    port: int
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [
            str(Path(sys.executable).with_name("faqbot")),
            "serve",
            "--no-train",
            "--port",
            str(self.port),
            "--host",
            "127.0.0.1",
        ]
        self.process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **self.environment})
        end = time.monotonic() + READY_WITHIN
        while not self._is_ready():
            if self.process.poll() is not None:
                pytest.fail(f"the server ended with code {self.process.returncode}; its messages are above")
            if time.monotonic() > end:
                self.stop()
                pytest.fail(f"the server was not ready within {READY_WITHIN:.0f} s")
            time.sleep(0.2)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server for the whole session; `.url` is its address and `.process` its process.

    Many tests share its address, so the limit an address is generous; pages of `localhost` may embed its chat.
    """
    environment = {
        "FAQBOT_DATA": str(tmp_path_factory.mktemp("data")),
        "FAQBOT_EMBED_ON": "http://localhost:*",
        "FAQBOT_MESSAGES_PER_MINUTE_ADDRESS": "10000",
    }
    running = Server(free_port(), environment)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def start_server() -> Iterator[Callable[..., Server]]:
    """Starts a further server with settings of its own; it ends with the session."""
    started: list[Server] = []

    def start(**environment: str) -> Server:
        started.append(Server(free_port(), environment))
        started[-1].start()
        return started[-1]

    yield start
    for running in started:
        running.stop()
