"""Pictures of replies as Slack shows them, from the Block Kit JSON that a running bot posts.

Run from the project's root: .venv/bin/python tests/slack/preview.py docs/images
"""

import html
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from connected import connect
from limits import faults
from playwright.sync_api import sync_playwright
from standin import Sender, direct, press

SHOWN = {
    "answer": "Is ketamine therapy safe?",
    "clarify": "What does it cost?",
    "declined": "How many milligrams should I take?",
    "crisis": "I want to die",
}
STYLE = """
body { margin: 0; width: 720px; background: #fff; color: #1d1c1d; font: 15px/1.466 Lato, Helvetica, Arial, sans-serif }
.message { display: flex; gap: 8px; padding: 12px 20px }
.face { flex: none; width: 36px; height: 36px; border-radius: 6px; color: #fff; background: #1f4e5f }
.face { font: 700 15px/36px Arial; text-align: center }
.face.person { background: #b8b2a7 }
.name { font-weight: 900 }
.app { font-size: 10px; color: #454447; background: #ddd; border-radius: 2px; padding: 1px 3px }
.time { font-size: 12px; color: #616061 }
.section, .context { margin: 4px 0 8px; white-space: pre-wrap }
.context { font-size: 13px; color: #616061 }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 4px 0 }
button { font: 700 13px/26px Lato, Arial, sans-serif; color: #1d1c1d; background: #fff }
button { border: 1px solid #bbb; border-radius: 4px; padding: 0 12px }
a { color: #1264a3; text-decoration: none }
"""


def as_html(mrkdwn: str) -> str:
    """mrkdwn as Slack draws it. Its three signs are escaped in it already."""
    linked = re.sub(r"<([^|>]+)\|([^>]+)>", r'<a href="\1">\2</a>', mrkdwn)
    bold = re.sub(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])", r"<b>\1</b>", linked)
    return re.sub(r"(?<![\w_/])_([^_\n]+)_(?![\w_])", r"<i>\1</i>", bold)


def block(shown: dict[str, Any]) -> str:
    """One block."""
    if shown["type"] == "section":
        return f'<div class="section">{as_html(shown["text"]["text"])}</div>'
    if shown["type"] == "context":
        return "".join(f'<div class="context">{as_html(element["text"])}</div>' for element in shown["elements"])
    buttons = "".join(f"<button>{html.escape(element['text']['text'])}</button>" for element in shown["elements"])
    return f'<div class="actions">{buttons}</div>'


def page(question: str, message: dict[str, Any]) -> str:
    """A question and the message that answers it."""
    asked = f'<div class="section">{html.escape(question)}</div>'
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>" + "".join(
        f'<div class="message"><div class="face {kind}">{who[0]}</div><div><span class="name">{who}</span> {mark}'
        f'<span class="time">9:41 AM</span>{said}</div></div>'
        for kind, who, mark, said in (
            ("person", "Visitor", "", asked),
            ("", "Ketamine FAQ", '<span class="app">APP</span> ', "".join(map(block, message["blocks"]))),
        )
    )


def replies() -> dict[str, tuple[str, dict[str, Any]]]:
    """What was asked and what a running bot posted, by name."""
    found = {}
    with tempfile.TemporaryDirectory() as folder, connect(Path(folder)) as bot:
        for number, (name, question) in enumerate(SHOWN.items(), 1):
            Sender(bot.url).event(direct(question, number), f"Ev{number}")
            found[name] = (question, bot.slack.reply(f"D{number:06}"))
        button = next(b for b in found["answer"][1]["blocks"] if b["type"] == "actions")["elements"][0]
        Sender(bot.url).click(press(button, 99, "D000099"))
        found["button"] = (f"(pressed) {button['text']['text']}", bot.slack.reply("D000099"))
    return found


def main(folder: Path) -> None:
    """Draws every reply, after holding it against Slack's limits."""
    pages = {name: (faults(message), page(question, message)) for name, (question, message) in replies().items()}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (found, content) in pages.items():
            if found:
                sys.exit(f"{name}: Slack would not take this: {found}")
            tab = browser.new_page(viewport={"width": 720, "height": 200}, device_scale_factor=2)
            tab.set_content(content)
            tab.screenshot(path=folder / f"slack-{name}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
