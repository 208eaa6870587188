"""Attacks on the visitor through what the widget shows."""

import json
import shutil

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.server]

SCRIPT = '<img src=x onerror="parent.pwned=1"><script>parent.pwned=1</script>'


def untouched(chat):
    return all(
        frame.evaluate("window.pwned === undefined && ({}).polluted === undefined") for frame in chat.page.frames
    )


def test_script_in_a_message_is_shown_as_text(chat):
    chat.ask(SCRIPT)
    expect(chat.frame.locator(".said")).to_have_text(SCRIPT)
    assert chat.frame.locator(".said img, .said script").count() == 0
    assert untouched(chat)


def test_hostile_reply_is_text_and_its_addresses_no_links(chat):
    chat.ask("Is ketamine treatment safe?")

    def answer(route):
        reply = route.fetch().json()
        custom = reply["reply"]["custom"]
        custom["paragraphs"][0]["text"] = SCRIPT
        for citation in custom["citations"]:
            citation["url"] = "javascript:parent.pwned=1"
            citation["title"] = SCRIPT
            citation["passage"]["heading"] = SCRIPT
        custom["resources"] = [
            {
                "label": SCRIPT,
                "action": "constructor",
                "value": SCRIPT,
                "href": " javascript:parent.pwned=1",
                "hours": "",
            }
        ]
        text = json.dumps(reply).replace(
            '{"reply"', '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "reply"', 1
        )
        route.fulfill(body=text, content_type="application/json")

    chat.page.route("**/webhooks/web/message", answer)
    chat.ask("Is ketamine treatment safe?")
    chat.last.locator(".mark").first.click()
    expect(chat.last).to_contain_text(SCRIPT)
    assert chat.last.locator("img, script, a[href^='javascript'], a[href^=' javascript']").count() == 0
    assert chat.last.locator(".source a").count() == 0
    chat.page.reload()
    expect(chat.replies).to_have_count(2)
    assert untouched(chat)


def test_kept_conversation_that_was_tampered_with_does_not_break_the_chat(chat):
    chat.inside.evaluate('sessionStorage.setItem(\'faqbot\', \'{"entries": 7, "__proto__": {"polluted": 1}}\')')
    chat.page.reload()
    chat.ask("Is ketamine treatment safe?")
    assert untouched(chat)


@pytest.fixture(scope="module")
def poisoned(start_server, tmp_path_factory):
    """A server whose clinic.yml and knowledge files hold script."""
    folder = tmp_path_factory.mktemp("poisoned")
    shutil.copytree("knowledge", folder / "knowledge")
    shutil.copytree("build", folder / "build")
    clinic = folder / "knowledge" / "clinic.yml"
    facts = clinic.read_text(encoding="utf-8")
    facts = facts.replace('name: "Example Ketamine Clinic"', f"name: '{SCRIPT}</script>'")
    facts = facts.replace('- "https://clinic.example"', '- "https://clinic.example; script-src *"')
    clinic.write_text(facts, encoding="utf-8")
    page = folder / "knowledge" / "safety" / "overview.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(
        text.replace("## Is ketamine treatment safe?", f"## Is ketamine treatment safe? {SCRIPT}", 1), encoding="utf-8"
    )
    return start_server(
        FAQBOT_KNOWLEDGE=str(folder / "knowledge"), FAQBOT_BUILD=str(folder / "build"), FAQBOT_DATA=str(folder / "data")
    )


def test_script_in_the_clinics_files_is_shown_as_text(poisoned, new_chat):
    chat = new_chat(poisoned.url).visit()
    chat.ask("Is ketamine treatment safe?")
    chat.last.locator(".mark").first.click()
    expect(chat.last.locator(".source:visible")).to_contain_text("<script>")
    expect(chat.frame.locator(".greeting")).to_contain_text("<script>")
    assert chat.page.locator("main img, header img").count() == 0
    assert untouched(chat)
    assert chat.noise == []
