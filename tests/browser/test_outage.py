"""What a visitor keeps when something breaks: every word, and every help line."""

import urllib.request

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.server]

NUMBERS = {"tel:911", "tel:988", "sms:988", "https://988lifeline.org", "sms:741741?&body=HOME", "tel:18002221222"}


def test_question_survives_a_server_that_dies_and_comes_back(chat, server):
    chat.ask("Is ketamine treatment safe?")
    before = chat.frame.locator(".said").all_inner_texts()
    chat.page.route("**/webhooks/web/message", lambda route: (server.process.kill(), route.continue_()))
    chat.input.fill("Where did you get that?")
    chat.input.press("Enter")
    failed = chat.frame.locator(".failed")
    expect(failed).to_contain_text("Your question is kept here")
    chat.page.unroute("**/webhooks/web/message")
    chat.input.fill("typed in the meantime")
    server.process.wait()
    server.start()
    failed.get_by_role("button", name="Send again").click()
    expect(chat.replies).to_have_count(2)
    expect(chat.last).to_contain_text("This is where that answer comes from")
    assert chat.frame.locator(".said").all_inner_texts() == [*before, "Where did you get that?"]
    expect(chat.input).to_have_value("typed in the meantime")


def test_reload_while_waiting_keeps_the_question_to_send_again(chat):
    chat.page.route("**/webhooks/web/message", lambda route: None)
    chat.input.fill("Is ketamine treatment safe?")
    chat.input.press("Enter")
    chat.frame.locator(".waiting").wait_for()
    chat.page.unroute("**/webhooks/web/message")
    chat.page.reload()
    expect(chat.frame.locator(".said")).to_have_text("Is ketamine treatment safe?")
    chat.frame.get_by_role("button", name="Send again").click()
    expect(chat.replies).to_have_count(1)


def test_widget_stops_waiting_before_a_visitor_gives_up(new_chat):
    chat = new_chat()
    chat.page.clock.install()
    chat.page.route("**/webhooks/web/message", lambda route: None)
    chat.visit()
    chat.input.fill("Is ketamine treatment safe?")
    chat.input.press("Enter")
    chat.frame.locator(".waiting").wait_for()
    chat.page.clock.fast_forward("00:13")
    expect(chat.frame.locator(".failed")).to_contain_text("No reply came in time")
    expect(chat.frame.locator(".failed a, .failed button").first).to_be_visible()


def test_question_sent_again_after_the_pause_gets_its_reply(new_chat):
    chat = new_chat()
    chat.page.clock.install()
    chat.visit()
    chat.page.route("**/webhooks/web/message", lambda route: route.abort())
    chat.input.fill("Is ketamine treatment safe?")
    chat.input.press("Enter")
    again = chat.frame.locator(".failed").get_by_role("button", name="Send again")
    again.wait_for()
    chat.page.clock.fast_forward("31:00")
    chat.page.unroute("**/webhooks/web/message")
    again.click()
    expect(chat.replies).to_have_count(1)
    expect(chat.frame.locator(".failed")).to_have_count(0)


def test_frame_that_never_comes_leaves_every_number_in_the_page(new_chat):
    chat = new_chat()
    chat.page.route("**/widget?*", lambda route: route.abort())
    chat.visit(opened=False)
    chat.launcher.click()
    away = chat.page.locator(".away")
    expect(away).to_be_visible()
    links = away.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert set(links) >= NUMBERS
    assert "tel:+12025550142" in links
    chat.page.unroute("**/widget?*")
    away.get_by_role("button", name="Try again").click()
    expect(chat.input).to_be_visible()


def test_page_of_the_frame_holds_the_numbers_without_any_script(new_context, server):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{server.url}/widget")
    links = page.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert set(links) >= NUMBERS


def test_expired_token_begins_anew_without_a_word_lost(chat):
    chat.ask("Is ketamine treatment safe?")
    chat.page.reload()
    chat.inside.evaluate(
        """() => {
            const kept = JSON.parse(sessionStorage.getItem('faqbot'));
            sessionStorage.setItem('faqbot', JSON.stringify({ ...kept, token: 'forged' }));
        }"""
    )
    chat.page.reload()
    expect(chat.replies).to_have_count(1)
    chat.ask("How much does it cost?")
    expect(chat.frame.locator(".failed")).to_have_count(0)


def test_loader_may_be_kept_for_a_week_for_the_day_the_server_is_away(server):
    with urllib.request.urlopen(f"{server.url}/widget.js") as answer:
        assert "stale-while-revalidate=604800" in answer.headers["Cache-Control"]
