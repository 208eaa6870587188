"""Logging that never holds a visitor's words: our own lines and Rasa's warnings, without values of variables."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog


def configure_logging(level: int = logging.WARNING) -> None:
    """Sends warnings and errors to standard error, a line each.

    Nothing of a message is in it, no local variables and no traceback.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(level)
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("sanic.root", "sanic.error", "sanic.access", "rasa", "apscheduler", "matplotlib"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
        logging.getLogger(name).setLevel(level)
    structlog.configure(
        processors=[structlog.stdlib.add_log_level, _without_private, structlog.stdlib.render_to_log_kwargs],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _without_private(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drops every field but the event's name and level: what Rasa puts into the others may quote the visitor."""
    return {"event": event.get("event", ""), "level": event.get("level", "")}


class _OneLine(logging.Formatter):
    """Names an exception's type and place, not its text: a library's error message may quote what it was given."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        frame = ei[2]
        while frame and frame.tb_next:
            frame = frame.tb_next
        place = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else "?"
        return f"{ei[0].__name__} at {place}"
