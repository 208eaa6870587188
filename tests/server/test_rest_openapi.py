"""The server does what docs/openapi.yml says, whatever it is sent."""

import json
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, settings

pytestmark = pytest.mark.server

FILE = Path(__file__).parents[2] / "docs" / "openapi.yml"
SPECIFICATION: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
WEBHOOK = SPECIFICATION["paths"]["/webhooks/rest/webhook"]["post"]
schema = schemathesis.openapi.from_path(FILE)


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_server_keeps_to_its_description(case: schemathesis.Case, server: Any):
    case.call_and_validate(base_url=server.url)


def post(url: str, body: bytes) -> tuple[int, Any]:
    request = urllib.request.Request(f"{url}/webhooks/rest/webhook", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def conforms(value: Any, status: int) -> None:
    content = WEBHOOK["responses"][str(status)]["content"]["application/json"]
    whole = {**content["schema"], "components": SPECIFICATION["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


def messages() -> dict[str, Any]:
    return {name: e["value"] for name, e in WEBHOOK["requestBody"]["content"]["application/json"]["examples"].items()}


@pytest.mark.parametrize("name", messages())
def test_examples_are_answered_as_described(server: Any, name: str):
    status, answer = post(server.url, json.dumps(messages()[name]).encode())
    assert status == 200
    conforms(answer, 200)


def test_examples_in_the_description_hold():
    for status, answer in WEBHOOK["responses"].items():
        content = answer["content"]["application/json"]
        for value in [content.get("example"), *(e["value"] for e in content.get("examples", {}).values())]:
            if value is not None:
                conforms(value, int(status))


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "not_json"),
        (b"\xff\xfe", 400, "not_json"),
        (b"[" * 100_000, 400, "not_json"),
        (b'"hello"', 400, "not_an_object"),
        (b"{}", 400, "no_message"),
        (b'{"message": 7}', 400, "no_message"),
        (b'{"message": "hello", "sender": ""}', 400, "bad_sender"),
        (b'{"message": "hello", "sender": 7}', 400, "bad_sender"),
        (b'{"message": "hello", "sender": "%s"}' % (b"x" * 201), 400, "bad_sender"),
        (b'{"message": "%s"}' % (b"x" * 600_000), 413, "too_large"),
    ],
)
def test_what_is_wrong_with_a_request_is_said_by_its_code(server: Any, body: bytes, status: int, code: str):
    answered, answer = post(server.url, body)
    assert (answered, answer["error"]["code"]) == (status, code)
    conforms(answer, status)


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/webhooks/rest/webhook", 405)])
def test_errors_outside_the_channel_have_the_same_shape(server: Any, path: str, status: int):
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{server.url}{path}", timeout=30)
    assert error.value.code == status
    assert set(json.load(error.value)["error"]) == {"code", "message"}


def test_message_without_a_sender_is_a_conversation_of_its_own(server: Any):
    first, second = (post(server.url, b'{"message": "hello"}')[1][0] for _ in range(2))
    assert first["recipient_id"] != second["recipient_id"]
    assert first["custom"]["notice"] == second["custom"]["notice"] != ""


def test_sender_goes_on_with_its_conversation_and_with_no_other_channels(server: Any):
    sender = f"test-{uuid.uuid4().hex}"
    body = json.dumps({"sender": sender, "message": "hello"}).encode()
    notices = [post(server.url, body)[1][0]["custom"]["notice"] for _ in range(2)]
    assert notices[0]
    assert not notices[1]
    other = json.dumps({"sender": f"rest:{sender}", "message": "hello"}).encode()
    assert post(server.url, other)[1][0]["custom"]["notice"]


def test_metadata_is_accepted_and_not_read(server: Any):
    body = {"message": "hello", "metadata": {"text": "I want to die", "x": [1] * 1000}, "input_channel": "slack"}
    status, answer = post(server.url, json.dumps(body).encode())
    assert (status, answer[0]["custom"]["kind"]) == (200, "smalltalk")
