"""An edit of the knowledge files reaches visitors without a restart, and an invalid one never does."""

import json
import re
import time

import pytest

pytestmark = pytest.mark.server

PAGE = "safety/liver.md"
QUESTION = "Can ketamine harm the liver?"
WITHIN = 90.0


def wait_for(condition) -> bool:
    end = time.monotonic() + WITHIN
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.5)
    return True


def test_a_valid_edit_goes_live_and_an_invalid_one_does_not(own_server):
    page = own_server.knowledge / PAGE
    original = page.read_text()
    statement = own_server.ask(QUESTION)["custom"]["paragraphs"][0]["text"]
    assert statement in original

    edited = statement.replace("have been reported", "have sometimes been reported")
    assert edited != statement
    page.write_text(original.replace(statement, edited))
    answered: list[str] = []

    def is_shown() -> bool:
        reply = own_server.ask(QUESTION, "running-conversation")
        answered.append(reply["custom"]["kind"])
        return edited in [p["text"] for p in reply["custom"]["paragraphs"]]

    assert wait_for(is_shown)
    assert set(answered) == {"answer"}

    before = own_server.ask(QUESTION)["custom"]
    page.write_text(
        original.replace(statement, statement.replace("have been reported", "cannot happen, 50 mg is safe"))
    )
    assert wait_for(lambda: re.search(r"^faqbot_knowledge_valid 0\.0$", own_server.get("/metrics").body, re.M))
    held = own_server.ask(QUESTION)["custom"]
    assert held["paragraphs"] == before["paragraphs"]
    assert held["knowledge_version"] == before["knowledge_version"]
    assert own_server.get("/readyz").status == 200
    assert "50 mg" in own_server.output
    assert f"knowledge/{PAGE}:" in own_server.output

    page.write_text(original)
    assert wait_for(lambda: statement in json.dumps(own_server.ask(QUESTION)["custom"], ensure_ascii=False))
