"""The server: Rasa's own application with the project's channels, health and metrics, in one process and one port."""

from __future__ import annotations

import logging
from asyncio import AbstractEventLoop
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path

from rasa.core import run
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.core.lock_store import LockStore
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.utils import AvailableEndpoints
from rasa.shared.exceptions import RasaException
from rasa.shared.utils.common import class_from_module_path
from sanic import Sanic, response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.answering.answerer import Turn, Utterance
from bot.answering.conversation import Conversation, Said
from bot.errors import UsageError
from bot.rasa.channels.connector import in_plain_text
from bot.rasa.channels.rest import error_body
from bot.rasa.logs import configure_logging
from bot.rasa.metrics import metrics_text
from bot.rasa.routes import add_routes
from bot.runtime import runtime
from bot.text import collapse

logger = logging.getLogger(__name__)

# Rasa's own tracker stores, by the names that it knows them by.
_RASA_STORES = ("redis", "mongod", "sql", "dynamo")


def serve(host: str, port: int, model: Path, endpoints: Path, credentials: Path) -> None:
    """Serves until a signal ends it.

    Raises:
        UsageError: a file that it needs is missing, or says what cannot be.
    """
    for path, what in (
        (model, "a trained model: run 'faqbot train'"),
        (endpoints, "endpoints.yml"),
        (credentials, "credentials.yml"),
    ):
        if not path.is_file():
            raise UsageError(f"{path}: no such file, and the server needs {what}")
    configure_logging()
    app = make_app(model, endpoints, credentials)
    app.register_listener(partial(_ready, host, port), "after_server_start")
    app.run(host=host, port=port, workers=1, access_log=False, motd=False)


def make_app(model: Path, endpoints: Path, credentials: Path) -> Sanic:
    """The application, not yet listening.

    Raises:
        UsageError: a file says what cannot be.
        FaqBotError: there is nothing to answer from.
    """
    wired = read_endpoints(endpoints)
    try:
        channels = run.create_http_input_channels(None, str(credentials))
    except RasaException as error:
        raise UsageError(f"{credentials}: {collapse(str(error))}") from error
    # What fails once Sanic runs ends in a traceback, so the search is asked for before.
    _ = runtime().search
    app = Sanic("faqbot", configure_logging=False)
    app.config.KEEP_ALIVE_TIMEOUT = 75
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 5.0
    app.config.REQUEST_MAX_SIZE = 1_000_000
    _add_channels(app, channels)
    app.register_listener(partial(run.load_agent_on_start, str(model), wired, None), "before_server_start")
    app.register_listener(_start_runtime, "before_server_start")
    app.register_listener(_stop_runtime, "after_server_stop")
    app.register_listener(run.close_resources, "after_server_stop")
    app.config.PROXIES_COUNT = runtime().settings.proxies or None
    _add_health(app)
    _add_errors(app)
    add_routes(app)
    return app


def read_endpoints(path: Path) -> AvailableEndpoints:
    """Rasa's endpoints.

    Raises:
        UsageError: the file cannot be read, or names a generator or a store that is not there.
    """
    try:
        found = AvailableEndpoints.read_endpoints(str(path))
        # Made again when the agent is loaded; neither connects to anything yet.
        NaturalLanguageGenerator.create(found.nlg, None)
        LockStore.create(found.lock_store)
        # Rasa would keep conversations in memory, and say so in a warning only.
        if found.tracker_store and (found.tracker_store.type or "").lower() not in ("", *_RASA_STORES):
            class_from_module_path(found.tracker_store.type)
    except RasaException as error:
        raise UsageError(f"{path}: {collapse(str(error))}") from error
    except Exception as error:  # Rasa raises nothing narrower for a type that it does not find
        said = collapse(str(error)).partition(". ")[0].rstrip(".")
        raise UsageError(f"{path}: {said}: correct it under 'nlg', 'lock_store' or 'tracker_store'") from error
    return found


def _add_channels(app: Sanic, channels: Sequence[InputChannel]) -> None:
    """The channels at `/webhooks/<name>/`. Those of Rasa's own reach Rasa through the project's turn all the same."""

    async def deliver(message: UserMessage) -> None:
        await app.ctx.agent.handle_message(message)

    for channel in channels:
        is_own = type(channel).__module__.startswith("bot.")
        blueprint = channel.blueprint(deliver if is_own else in_plain_text(deliver))
        app.blueprint(blueprint, url_prefix=f"/webhooks/{channel.url_prefix()}")
    app.ctx.input_channels = channels


def _add_health(app: Sanic) -> None:
    @app.get("/healthz")
    async def healthz(request: Request) -> HTTPResponse:
        return response.json({"status": "alive"})

    @app.get("/readyz")
    async def readyz(request: Request) -> HTTPResponse:
        needed = _needed(app)
        state = {**needed, "detector": runtime().has_detector}
        ready = all(needed.values())
        return response.json({"status": "ready" if ready else "not ready", **state}, status=200 if ready else 503)

    @app.get("/metrics")
    async def metrics(request: Request) -> HTTPResponse:
        return response.text(metrics_text(), content_type="text/plain; version=0.0.4")


def _needed(app: Sanic) -> dict[str, bool]:
    """What an answer needs, and whether it is there."""
    agent = getattr(app.ctx, "agent", None)
    return {"model": bool(agent and agent.is_ready()), "index": runtime().has_index}


def _add_errors(app: Sanic) -> None:
    """One shape for everything that goes wrong before or outside a channel: `{"error": {"code": …, "message": …}}`."""

    @app.exception(Exception)
    async def failed(request: Request, error: Exception) -> HTTPResponse:
        status = HTTPStatus(error.status_code if isinstance(error, SanicException) else 500)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            logger.error("server: a request failed (%s).", type(error).__name__)
        headers = getattr(error, "headers", None)
        return response.json(error_body(status.name.lower(), f"{status.phrase}."), status=status, headers=headers)


async def _start_runtime(app: Sanic, loop: AbstractEventLoop) -> None:
    """Loads what the first message needs, and answers once, so that no visitor waits for a first time."""
    parts = runtime()
    parts.gate.assess("Is it safe?")
    parts.live.follow()
    # After a passage, so that the ranking of follow-ups is loaded too.
    shown = [Said("answer", None, None, (passage.id,), ()) for passage in parts.search.passages[:1]]
    parts.answerer.reply(Turn(Utterance("and is it safe?", "ask_safety"), conversation=Conversation(shown)))


async def _stop_runtime(app: Sanic, loop: AbstractEventLoop) -> None:
    runtime().live.stop()


async def _ready(host: str, port: int, app: Sanic, loop: AbstractEventLoop) -> None:
    missing = [name for name, is_there in _needed(app).items() if not is_there]
    if missing:
        logger.error(
            "server: no %s can be loaded, and visitors get an apology: run 'faqbot train'", " and no ".join(missing)
        )
        return
    shown = f"[{host}]" if ":" in host else host
    print(f"The bot is ready: http://{shown}:{port}/chat", flush=True)  # noqa: T201 - what the command is for
