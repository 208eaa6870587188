"""The server as a process: it keeps no visitor's word, and one signal ends it."""

import signal
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.server

MARKER = "xylophonemarker"


def test_no_word_of_a_visitor_is_kept_or_printed(own_server):
    for text in [
        f"my name is {MARKER}, is it safe?",
        f"I am {MARKER} and I want to kill myself",
        f"{MARKER}",
        f"how much should I take, I am {MARKER}",
        f"{MARKER} \ud800 {MARKER}",
        f"{MARKER} " * 2000,
    ]:
        assert own_server.ask(text, "marked")["text"]
    time.sleep(1)
    assert MARKER not in own_server.output
    assert MARKER not in own_server.get("/metrics").body
    assert [path for path in own_server.folder.rglob("*.db*") if path.is_file()]
    kept = [path for path in own_server.folder.rglob("*") if path.is_file() and MARKER.encode() in path.read_bytes()]
    assert not kept


def test_it_listens_where_it_was_told_and_nowhere_else(own_server):
    """Reads the kernel's table of listening sockets of this process and its children."""
    sockets = {
        Path(link).readlink().name.strip("socket:[]")
        for link in Path(f"/proc/{own_server.process.pid}/fd").iterdir()
        if Path(link).readlink().name.startswith("socket:")
    }
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = [row[1] for row in rows if row[3] == "0A" and row[9] in sockets]
    assert listening == [f"0100007F:{int(own_server.url.rsplit(':', 1)[1]):04X}"]


def test_one_sigterm_ends_it_and_everything_that_it_started(own_server):
    group = own_server.process
    children = [int(pid) for pid in Path(f"/proc/{group.pid}/task/{group.pid}/children").read_text().split()]
    started = time.monotonic()
    group.send_signal(signal.SIGTERM)
    group.wait(10)
    assert time.monotonic() - started < 10
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    assert "Traceback" not in own_server.output
