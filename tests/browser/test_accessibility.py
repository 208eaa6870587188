"""The promises of docs/accessibility.md, each held to in the browser."""

from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.server]

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS = {"desk": {}, "dark and narrow": {"width": 320, "color_scheme": "dark"}}


def closed(chat):
    chat.visit(opened=False)


def greeting(chat):
    chat.visit()


def waiting(chat):
    chat.page.route("**/webhooks/web/message", lambda route: None)
    chat.visit()
    chat.input.fill("Is ketamine treatment safe?")
    chat.input.press("Enter")
    chat.frame.locator(".waiting").wait_for()


def answer(chat):
    chat.visit()
    chat.ask("Is ketamine treatment safe?")


def citation(chat):
    answer(chat)
    chat.last.locator(".mark").first.click()


def clarify(chat):
    def ask_back(route):
        body = route.fetch().json()
        question = [{"text": "Did you mean one of these?", "citations": [], "block": 0}]
        body["reply"]["custom"].update(kind="clarify", paragraphs=question, citations=[])
        route.fulfill(json=body)

    chat.page.route("**/webhooks/web/message", ask_back)
    chat.visit()
    chat.ask("Is ketamine treatment safe?")
    expect(chat.last.get_by_role("group", name="Did you mean:").locator("button").first).to_be_visible()


def unanswered(chat):
    chat.visit()
    chat.ask("What is the capital of France?")
    chat.last.get_by_role("button", name="No, not helpful").click()


def crisis(chat):
    chat.visit()
    chat.ask("I want to kill myself")


def emergency(chat):
    chat.visit()
    chat.ask("My husband took ketamine and he is not breathing")


def help_now(chat):
    chat.visit()
    chat.frame.get_by_role("button", name="Help now").click()


def person(chat):
    chat.visit()
    chat.frame.get_by_role("button", name="Talk to a person").click()


def menu(chat):
    chat.visit()
    chat.frame.get_by_role("button", name="More options").click()


def offline(chat):
    chat.visit()
    chat.page.context.set_offline(True)
    chat.input.fill("Is ketamine treatment safe?")
    chat.input.press("Enter")
    chat.frame.locator(".failed").wait_for()


def unreachable(chat):
    chat.page.route("**/widget?*", lambda route: route.abort())
    chat.page.goto(chat.url + "/chat")
    chat.launcher.click()
    chat.page.locator(".away").wait_for()


def error(chat):
    chat.page.route("**/webhooks/web/message", lambda route: route.fulfill(status=500, body="{}"))
    chat.visit()
    chat.input.fill("Is ketamine treatment safe?")
    chat.input.press("Enter")
    chat.frame.locator(".failed").wait_for()


def spanish(chat):
    chat.visit("/chat?lang=es")
    chat.ask("Is ketamine treatment safe?")


STATES = [
    closed,
    greeting,
    waiting,
    answer,
    citation,
    clarify,
    unanswered,
    crisis,
    emergency,
    help_now,
    person,
    menu,
    offline,
    unreachable,
    error,
    spanish,
]


def violations(chat):
    found = []
    for frame in [frame for frame in chat.page.frames if frame.url.startswith("http")]:
        frame.evaluate(AXE)
        result = frame.evaluate(
            "rules => axe.run(document, { runOnly: { type: 'tag', values: rules }, iframes: false })", RULES
        )
        found += [f"{v['id']}: {node['html'][:150]}" for v in result["violations"] for node in v["nodes"]]
    return found


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_nothing(new_chat, state, look):
    chat = new_chat(**LOOKS[look])
    state(chat)
    assert violations(chat) == []


def test_conversation_with_the_keyboard_alone(new_chat):
    chat = new_chat()
    chat.page.goto(chat.url + "/chat")
    chat.launcher.wait_for()
    chat.launcher.focus()
    keys = chat.page.keyboard
    keys.press("Enter")
    expect(chat.input).to_be_focused()
    keys.type("Is ketamine treatment safe?")
    keys.press("Enter")
    expect(chat.replies).to_have_count(1)
    expect(chat.input).to_be_focused()
    names = []
    for _ in range(20):
        keys.press("Shift+Tab")
        names.append(chat.focused)
        if names[-1].startswith("BUTTON:Source"):
            break
    keys.press("Enter")
    expect(chat.last.locator(".source:visible")).to_have_count(1)
    keys.press("Escape")
    expect(chat.input).to_be_focused()
    keys.press("Escape")
    expect(chat.page.locator(".panel")).to_be_hidden()
    expect(chat.launcher).to_be_focused()


def test_reply_is_announced_once_in_plain_words_and_the_focus_stays(chat):
    chat.watch_live_region()
    chat.input.fill("Is ketamine treatment safe?")
    chat.input.press("Enter")
    chat.frame.get_by_role("button", name="More options").focus()
    before = chat.focused
    expect(chat.replies).to_have_count(1)
    assert chat.focused == before
    [said] = chat.announced
    assert said.startswith("Assistant: ")
    assert "Ketamine treatment has real risks" in said
    assert "sources, which you find in the conversation" in said
    assert "[1]" not in said
    region = chat.frame.get_by_role("log")
    assert region.get_attribute("aria-live") == "polite"
    expect(region.locator("p")).to_have_count(0)
    expect(chat.frame.get_by_role("region", name="Conversation")).not_to_have_attribute("aria-live", "polite")


def test_crisis_reply_is_announced_with_its_help_lines(chat):
    chat.watch_live_region()
    chat.ask("I want to kill myself")
    [said] = chat.announced
    assert said.startswith("Assistant: You can talk to someone now.")
    assert "988" in said


def test_slow_reply_says_so_after_three_seconds(new_chat):
    chat = new_chat()
    chat.page.clock.install()
    chat.page.route("**/webhooks/web/message", lambda route: None)
    chat.visit()
    chat.watch_live_region()
    chat.input.fill("Is ketamine treatment safe?")
    chat.input.press("Enter")
    chat.frame.locator(".waiting").wait_for()
    chat.page.clock.fast_forward("00:03")
    expect(chat.frame.locator(".waiting")).to_contain_text("Still working on it")
    assert chat.announced == ["Still working on it. Your question is safe."]


# A mark in a line of text is smaller to see, and reaches 44 px by the space around it that also takes the press.
TARGETS = """() => {
    const root = document.querySelector('faqbot-chat').shadowRoot;
    const small = [];
    for (const node of root.querySelectorAll('button, a, textarea')) {
        const box = node.getBoundingClientRect();
        if (!box.width || getComputedStyle(node).display === 'inline') continue;
        const halo = node.matches('.mark') ? getComputedStyle(node, '::after') : null;
        const width = halo ? parseFloat(halo.width) : box.width;
        const height = halo ? parseFloat(halo.height) : box.height;
        if (width < 44 || height < 44) small.push(`${node.outerHTML.slice(0, 80)} ${width}x${height}`);
    }
    return small;
}"""


@pytest.mark.parametrize(
    "state", [citation, unanswered, crisis, help_now, menu, offline], ids=lambda state: state.__name__
)
@pytest.mark.parametrize("width", [320, 1280])
def test_targets_are_at_least_44_pixels(new_chat, state, width):
    chat = new_chat(width=width)
    state(chat)
    assert chat.inside.evaluate(TARGETS) == []


OVERFLOW = """() => {
    const root = document.querySelector('faqbot-chat').shadowRoot;
    const wide = [...root.querySelectorAll('*')].filter((node) => {
        const box = node.getBoundingClientRect();
        return box.width && !node.closest('.hidden') && (box.right > innerWidth + 1 || box.left < -1);
    });
    return wide.map((node) => node.outerHTML.slice(0, 100));
}"""


@pytest.mark.parametrize("state", [citation, crisis, help_now, offline, spanish], ids=lambda state: state.__name__)
@pytest.mark.parametrize("size", [(320, 640), (320, 256)], ids=["320 px", "400 % zoom"])
def test_nothing_is_cut_off_in_a_narrow_window(new_chat, state, size):
    chat = new_chat(width=size[0], height=size[1])
    state(chat)
    assert chat.inside.evaluate(OVERFLOW) == []
    assert chat.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_at_400_percent_zoom_the_way_to_people_and_the_box_can_be_reached(new_chat):
    chat = new_chat(width=320, height=256).visit()
    chat.ask("Is ketamine treatment safe?")
    expect(chat.frame.get_by_role("button", name="Help now")).to_be_in_viewport()
    chat.input.scroll_into_view_if_needed()
    expect(chat.input).to_be_in_viewport()
    expect(chat.frame.get_by_role("button", name="Help now")).to_be_in_viewport()


def test_right_to_left_mirrors_the_panel_without_cutting(new_chat, plain_site):
    chat = new_chat(width=360)
    chat.page.goto(plain_site('data-dir="rtl" data-position="left"'))
    chat.launcher.click()
    chat.ask("Is ketamine treatment safe?")
    assert chat.inside.evaluate(OVERFLOW) == []
    said, reply = chat.frame.locator(".said").bounding_box(), chat.last.bounding_box()
    assert said["x"] <= reply["x"]


def test_reduced_motion_stops_the_dots(new_chat):
    chat = new_chat(reduced_motion="reduce")
    waiting(chat)
    assert chat.frame.locator(".dots i").first.evaluate("dot => getComputedStyle(dot).animationName") == "none"


def test_forced_colours_keep_every_button_and_bubble_outlined(new_chat):
    chat = new_chat(forced_colors="active")
    citation(chat)
    for name in (".said", ".reply", ".mark", ".send", ".choice"):
        assert chat.frame.locator(name).first.evaluate("node => getComputedStyle(node).borderTopWidth") != "0px"


@pytest.mark.parametrize(("accent", "text"), [("#ffd966", "rgb(0, 0, 0)"), ("#4a2c6a", "rgb(255, 255, 255)")])
def test_text_on_a_clinics_own_colour_stays_readable(new_chat, plain_site, accent, text):
    chat = new_chat()
    chat.page.goto(plain_site(f'data-accent="{accent}" data-radius="4px"'))
    chat.launcher.click()
    assert chat.frame.locator(".name h1").evaluate("node => getComputedStyle(node).color") == text
    assert chat.launcher.evaluate("node => getComputedStyle(node).color") == text
    assert violations(chat) == []
