"""What the chat costs a clinic's page on a slow phone."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.server]

# Lighthouse's mobile profile: a processor four times slower, 150 ms there and back, 1.6 Mbit/s.
PHONE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
SHIFTS = """() => {
    window.shift = 0;
    window.long = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.shift += entry.value; }))
        .observe({ type: 'layout-shift', buffered: true });
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.long += entry.duration; }))
        .observe({ type: 'longtask', buffered: true });
}"""


def test_loader_is_light_on_a_slow_phone(new_chat, plain_site, record_property):
    chat = new_chat(width=360)
    page = chat.page
    asked = []
    page.on("request", lambda request: request.url.startswith(chat.url) and asked.append(request.url))
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", PHONE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    session.send("Performance.enable")
    page.add_init_script(f"({SHIFTS})()")
    page.goto(plain_site())
    chat.launcher.wait_for()
    figures = {
        "ms until the button can be pressed": page.evaluate(
            "performance.getEntriesByName(document.scripts[0].src)[0].responseEnd"
        ),
        "ms of script": session_metric(session, "ScriptDuration") * 1000,
        "ms of long tasks": page.evaluate("window.long"),
    }
    assert asked == [f"{chat.url}/widget.js"]
    chat.launcher.click()
    chat.input.wait_for()
    figures["layout shift"] = page.evaluate("window.shift")
    for name, value in figures.items():
        record_property(name, value)
    assert figures["layout shift"] == 0


def session_metric(session, name: str) -> float:
    return next(m["value"] for m in session.send("Performance.getMetrics")["metrics"] if m["name"] == name)


def test_conversation_moves_nothing_by_itself(chat):
    chat.inside.evaluate(SHIFTS)
    chat.ask("Is ketamine treatment safe?")
    expect(chat.last).to_be_visible()
    assert chat.inside.evaluate("window.shift") == 0
