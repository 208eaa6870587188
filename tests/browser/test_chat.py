"""A visitor's conversation, from opening the chat to closing the tab."""

import gzip
import json
import urllib.request
from datetime import date

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.server]

# Loader, page, script and style together, gzipped.
BUDGET = 20_000


def test_greeting_says_that_it_is_a_machine_and_what_it_can_do(chat):
    greeting = chat.frame.locator(".greeting")
    expect(greeting).to_contain_text("computer program, not a person")
    expect(greeting).to_contain_text("ketamine therapy")
    assert chat.frame.locator(".choice").count() >= 3


def test_citation_opens_in_place_with_its_passage_date_and_link(chat):
    chat.ask("Is ketamine treatment safe?")
    mark = chat.last.locator(".mark").first
    expect(chat.last.locator(".source:visible")).to_have_count(0)
    mark.click()
    source = chat.last.locator(".source:visible")
    expect(source).to_contain_text("From the passage “Is ketamine treatment safe?”")
    expect(source).to_contain_text("Reviewed ")
    assert source.locator("a").first.get_attribute("href").startswith("https://")
    assert source.locator("a").first.get_attribute("rel") == "noopener noreferrer"
    mark.click()
    expect(chat.last.locator(".source:visible")).to_have_count(0)


def test_suggested_question_is_asked_by_its_opaque_id(chat):
    chat.ask("Is ketamine treatment safe?")
    button = chat.last.locator(".choice").first
    title = button.inner_text()
    with chat.page.expect_request("**/webhooks/web/message") as sent:
        button.click()
    body = json.loads(sent.value.post_data)
    assert title not in sent.value.post_data
    assert set(body) == {"token", "choice"}
    expect(chat.frame.locator(".said").last).to_have_text(title)
    expect(chat.replies).to_have_count(2)


def test_crisis_reply_stays_pinned_with_phone_text_and_chat_links(chat):
    chat.ask("I want to kill myself")
    for place in (chat.last, chat.frame.locator(".pinned")):
        targets = place.locator("a.line").evaluate_all(
            "links => links.map(link => link.getAttribute('href').split(':')[0])"
        )
        assert {"tel", "sms", "https"} <= set(targets)
    chat.ask("What are your hours?")
    expect(chat.frame.locator(".pinned")).to_be_visible()
    chat.page.reload()
    expect(chat.frame.locator(".pinned")).to_be_visible()


def test_reload_continues_the_conversation(chat):
    chat.ask("Is ketamine treatment safe?")
    answer = chat.last.inner_text()
    chat.input.fill("half a sent")
    chat.page.reload()
    expect(chat.replies).to_have_count(1)
    assert chat.last.inner_text() == answer
    expect(chat.input).to_have_value("half a sent")
    chat.ask("Where did you get that?")
    expect(chat.last).to_contain_text("reviewed")


def test_closing_the_tab_forgets_the_conversation(chat):
    chat.ask("Is ketamine treatment safe?")
    context = chat.page.context
    chat.page.close()
    page = context.new_page()
    fresh = type(chat)(page, chat.url).visit()
    expect(fresh.replies).to_have_count(0)
    assert fresh.inside.evaluate("localStorage.length + document.cookie.length") == 0


def test_a_long_pause_ends_the_conversation_but_leaves_it_readable(new_chat):
    chat = new_chat()
    chat.page.clock.install()
    chat.visit()
    chat.ask("Is ketamine treatment safe?")
    chat.page.clock.fast_forward("31:00")
    expect(chat.frame.locator("li.notice")).to_be_visible()
    expect(chat.replies).to_have_count(1)
    assert chat.inside.evaluate("sessionStorage.getItem('faqbot')") is None
    chat.input.fill("What does it cost?")
    chat.input.press("Enter")
    expect(chat.frame.locator(".said")).to_have_text(["What does it cost?"])


def test_too_long_a_question_is_counted_and_not_cut(chat):
    chat.input.fill("a" * 900)
    expect(chat.frame.locator(".count")).to_have_text("100 characters left")
    chat.input.fill("a" * 1010)
    expect(chat.frame.locator(".count")).to_contain_text("10 characters too many")
    chat.input.press("Enter")
    expect(chat.input).to_have_value("a" * 1010)
    expect(chat.frame.locator(".said")).to_have_count(0)


def test_thumb_down_sends_a_reason_of_the_list_and_no_words(chat):
    chat.ask("What is the capital of France?")
    chat.last.get_by_role("button", name="No, not helpful").click()
    with chat.page.expect_request("**/webhooks/web/feedback") as sent:
        chat.last.get_by_role("button", name="I asked something else").click()
    body = json.loads(sent.value.post_data)
    assert body["helpful"] is False
    assert body["reason"] == "other_question"
    assert sent.value.response().json() == {"noted": True}
    assert "France" not in sent.value.post_data


def test_copy_holds_the_whole_conversation_and_clear_removes_it(new_chat):
    chat = new_chat(permissions=["clipboard-read", "clipboard-write"]).visit()
    chat.ask("Is ketamine treatment safe?")
    chat.frame.get_by_role("button", name="More options").click()
    chat.frame.get_by_role("button", name="Copy the conversation").click()
    expect(chat.frame.locator(".count")).to_have_text("The conversation was copied.")
    copied = chat.page.evaluate("navigator.clipboard.readText()")
    assert "Is ketamine treatment safe?" in copied
    assert "Sources:" in copied
    chat.frame.get_by_role("button", name="More options").click()
    chat.frame.get_by_role("button", name="Clear the conversation").click()
    chat.frame.get_by_role("button", name="Clear it").click()
    expect(chat.replies).to_have_count(0)
    assert chat.inside.evaluate("sessionStorage.getItem('faqbot')") is None


def test_talk_to_a_person_and_help_now_need_no_server(chat):
    chat.page.context.set_offline(True)
    expect(chat.frame.get_by_text("You are offline")).to_be_visible()
    chat.frame.get_by_role("button", name="Help now").click()
    dialog = chat.frame.get_by_role("dialog")
    numbers = dialog.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert {"tel:911", "tel:988", "sms:988", "https://988lifeline.org", "tel:18002221222"} <= set(numbers)
    chat.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    chat.frame.get_by_role("button", name="Talk to a person").click()
    expect(chat.frame.get_by_role("dialog")).to_contain_text("+1 202-555-0142")


def test_988_in_a_sentence_dials_the_line_for_everybody(chat):
    chat.ask("I want to die")
    inline = chat.last.locator("p a", has_text="988").evaluate_all(
        "links => links.map(link => [link.textContent, link.getAttribute('href')])"
    )
    assert ["988", "tel:988"] in inline
    assert ["988", "tel:988,1"] not in inline


def test_spanish_cry_for_help_on_an_english_page_gets_spanish_lines(chat):
    chat.ask("quiero morirme")
    expect(chat.last.locator(".lines").first).to_contain_text("988 y oprima 2")


def test_spanish_page_has_spanish_words_dates_and_help(new_chat):
    chat = new_chat().visit("/chat?lang=es")
    expect(chat.frame.locator(".greeting")).to_contain_text("un programa de computadora")
    chat.ask("Is ketamine treatment safe?")
    chat.last.locator(".mark").first.click()
    expect(chat.last.locator(".source:visible")).to_contain_text("Revisado el")
    chat.ask("quiero matarme")
    expect(chat.last).to_contain_text("llame al")
    assert chat.inside.evaluate("document.documentElement.lang") == "es"


def test_both_languages_have_the_same_words():
    from bot.web.pages import LANGUAGES, strings

    def keys(value, path=""):
        if isinstance(value, dict):
            return {inner for name, part in value.items() for inner in keys(part, f"{path}.{name}")}
        return {f"{path}[{len(value)}]"} if isinstance(value, list) else {path}

    assert set(LANGUAGES) == {"en", "es"}
    assert keys(dict(strings("en"))) == keys(dict(strings("es")))


def test_nothing_is_asked_of_another_origin_and_no_policy_is_broken(chat):
    chat.ask("Is ketamine treatment safe?")
    chat.last.locator(".mark").first.click()
    chat.ask("I want to kill myself")
    chat.frame.get_by_role("button", name="Help now").click()
    assert chat.noise == []


def test_loader_page_script_and_style_stay_within_the_budget(server):
    def fetched(path: str) -> tuple[int, str]:
        request = urllib.request.Request(server.url + path, headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request) as answer:
            body = answer.read()
            assert answer.headers["Content-Encoding"] == "gzip"
        return len(body), gzip.decompress(body).decode()

    loader, _ = fetched("/widget.js")
    page, html = fetched("/widget")
    script = html.split('src="')[1].split('"')[0]
    element, _ = fetched(f"/{script}")
    assert loader + page + element <= BUDGET, (loader, page, element)


def test_demo_page_shows_the_clinic_and_the_line_to_embed(chat):
    expect(chat.page.locator("pre")).to_have_text(f'<script async src="{chat.url}/widget.js"></script>')
    expect(chat.page.locator("address")).to_contain_text("+1 202-555-0142")
    assert str(date.today().year) in chat.page.locator("main").inner_text()
