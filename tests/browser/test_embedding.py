"""The chat on other people's pages, hostile ones among them."""

import re
import urllib.request

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.server]

HOSTILE = """<!doctype html>
<html lang="en"><head><title>Host</title>
<link rel="stylesheet" href="reset.css"><script src="old.js"></script></head>
<body><p>Some page.</p><button>Buy</button><iframe src="about:blank"></iframe>
<div class="chat-widget">Another chat</div>
<script async src="{url}/widget.js"></script>
</body></html>"""

RESET = """* { all: unset !important; display: inline !important; font-size: 3px !important; color: red !important; }
iframe, div, button { display: none !important; visibility: hidden !important; width: 1px !important; }
.chat-widget { position: fixed !important; right: 0; bottom: 0; width: 400px; z-index: 2147483647 !important; }"""

# What old libraries do to a page's own objects.
OLD = """window.$ = window.jQuery = function () { throw new Error('an old $'); };
Array.prototype.toJSON = function () { return 'broken'; };
Object.prototype.extended = function () {};
Array.prototype.each = function () {};
Function.prototype.bind = function () { return function () {}; };"""


def look(chat):
    """What a visitor sees of the panel: its place and the computed look of its parts."""
    return {
        "panel": chat.page.locator("div.panel").bounding_box(),
        "input": chat.inside.evaluate(
            "['h1', 'textarea', '.always button', '.greeting'].map((name) => {"
            " const node = document.querySelector('faqbot-chat').shadowRoot.querySelector(name);"
            " const style = getComputedStyle(node); const box = node.getBoundingClientRect();"
            " return [style.color, style.fontSize, style.display, box.x, box.y, box.width, box.height]; })"
        ),
    }


def hostile_page(chat, host_site):
    policy = (
        f"default-src 'self'; script-src 'self' {chat.url}; frame-src {chat.url}; require-trusted-types-for 'script'"
    )
    return host_site(HOSTILE.replace("{url}", chat.url), policy, reset_css=RESET, old_js=OLD)


def test_looks_and_works_the_same_on_a_hostile_page(new_chat, host_site):
    plain = new_chat().visit()
    expected = look(plain)
    chat = new_chat()
    chat.page.goto(hostile_page(chat, host_site))
    launcher = chat.launcher.bounding_box()
    assert launcher["height"] >= 44
    assert launcher["width"] >= 44
    chat.launcher.click()
    expect(chat.page.locator("div.panel iframe")).to_be_visible()
    frame = chat.page.frame_locator("div.panel iframe")
    frame.get_by_role("textbox").wait_for()
    inside = next(frame for frame in chat.page.frames if "/widget" in frame.url)
    chat.__class__ = type("Hosted", (chat.__class__,), {"frame": frame, "inside": inside})
    assert look(chat) == expected
    chat.ask("Is ketamine treatment safe?")
    expect(chat.last).to_contain_text("Ketamine treatment has real risks")
    chat.input.press("Escape")
    expect(chat.page.locator("div.panel")).to_be_hidden()


def test_page_that_may_not_embed_the_chat_gets_no_frame(new_chat, plain_site):
    chat = new_chat()
    chat.page.goto(plain_site().replace("localhost", "127.0.0.1"))
    chat.launcher.click()
    expect(chat.page.locator(".away")).to_be_visible()
    assert any("frame-ancestors" in line for line in chat.noise)


PEEK = """() => {
    const frame = document.body.lastElementChild.shadowRoot.querySelector('iframe');
    try {
        return frame.contentWindow.document.body.innerText;
    } catch (error) {
        return error.name;
    }
}"""


def test_host_page_cannot_read_the_conversation(new_chat, plain_site):
    chat = new_chat()
    chat.page.goto(plain_site())
    chat.launcher.click()
    chat.ask("Is ketamine treatment safe?")
    assert chat.page.evaluate(PEEK) == "SecurityError"
    kept = chat.page.evaluate("JSON.stringify([sessionStorage, localStorage, document.cookie, location.href])")
    assert "Is ketamine treatment safe?" not in kept


def test_element_placed_in_a_page_of_another_site(new_context, server, host_site):
    with urllib.request.urlopen(f"{server.url}/widget") as answer:
        script = re.search(r'src="(static/element[^"]+)"', answer.read().decode())[1]
    page = new_context().new_page()
    page.goto(
        host_site(
            '<!doctype html><html lang="en"><title>Clinic</title><body><h1>Clinic</h1>'
            f'<faqbot-chat server="{server.url}/"><a href="tel:988">Call 988</a></faqbot-chat>'
            f'<script type="module" src="{server.url}/{script}"></script>'
        )
    )
    page.get_by_role("textbox", name="Your question").fill("Is ketamine treatment safe?")
    page.keyboard.press("Enter")
    expect(page.locator(".reply")).to_contain_text("Ketamine treatment has real risks")


def test_any_element_of_the_page_can_open_the_chat(new_chat):
    chat = new_chat().visit(opened=False)
    chat.page.get_by_role("button", name="Ask a question").click()
    expect(chat.input).to_be_focused()
