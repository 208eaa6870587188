"""The addresses of the pages and files, and the headers that keep them private and safe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.knowledge.model import SITE
from bot.runtime import runtime
from bot.web.assets import Asset, Assets
from bot.web.pages import Pages, language_of

_FOREVER = "public, max-age=31536000, immutable"
# The loader's address never changes, so it is looked at again soon; a copy a week old still opens the help lines.
_SOON = "public, max-age=300, stale-while-revalidate=604800, stale-if-error=604800"

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}


def add_routes(app: Sanic) -> None:
    """Adds `/chat`, `/widget`, `/widget.js`, `/static/…` and the way from `/`, and the headers to every answer."""
    assets = Assets()

    @lru_cache(maxsize=32)
    def made(version: str, kind: str, *more: str) -> Asset:
        pages = Pages(runtime().knowledge.clinic, assets, runtime().settings.idle_minutes)
        makers: dict[str, Callable[..., Asset]] = {"widget": pages.widget, "chat": pages.chat, "loader": pages.loader}
        return makers[kind](*more)

    def page(kind: str, *more: str) -> Asset:
        asset: Asset = made(runtime().knowledge.version, kind, *more)
        return asset

    @app.get("/")
    async def root(request: Request) -> HTTPResponse:
        return response.redirect("chat")

    @app.get("/chat")
    async def chat(request: Request) -> HTTPResponse:
        policy = page_policy(["'self'"], frames="'self'")
        return send(
            request, page("chat", language_of(request.args.get("lang")), origin_of(request)), "no-cache", policy
        )

    @app.get("/widget")
    async def widget(request: Request) -> HTTPResponse:
        policy = page_policy(["'self'", *embedding_sites()])
        return send(request, page("widget", language_of(request.args.get("lang"))), "no-cache", policy)

    @app.get("/widget.js")
    async def loader(request: Request) -> HTTPResponse:
        return shared(send(request, page("loader"), _SOON))

    @app.get("/static/<name>")
    async def static(request: Request, name: str) -> HTTPResponse:
        asset = assets.get(name)
        return shared(send(request, asset, _FOREVER)) if asset else response.text("There is no such file.", status=404)

    @app.on_response
    async def secure(request: Request, answer: HTTPResponse) -> None:
        for header, value in _ALWAYS.items():
            answer.headers.setdefault(header, value)


def page_policy(ancestors: Sequence[str], frames: str = "'none'") -> str:
    """The Content-Security-Policy of a page of ours: its own files, nothing inline, nothing from elsewhere."""
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "frame-src": frames,
        "frame-ancestors": " ".join(ancestors),
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def embedding_sites() -> list[str]:
    """The sites that may show the chat: those of clinic.yml and those of the settings."""
    sites = [*runtime().knowledge.clinic.embed_on, *runtime().settings.embed_on.split()]
    return [origin for site in sites if SITE.fullmatch(origin := site.rstrip("/"))]


def origin_of(request: Request) -> str:
    """The address under which the caller reached this server."""
    return f"{request.scheme}://{request.host}"


def send(request: Request, asset: Asset, caching: str, policy: str | None = None) -> HTTPResponse:
    """An asset, compressed where the browser takes that, or the news that the browser's copy is current."""
    headers = {"Cache-Control": caching, "ETag": f'"{asset.digest}"', "Vary": "Accept-Encoding"}
    if policy:
        headers["Content-Security-Policy"] = policy
    if request.headers.get("if-none-match") == headers["ETag"]:
        return response.empty(status=304, headers=headers)
    body = asset.body
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = asset.compressed
    return response.raw(body, headers=headers, content_type=f"{asset.type}; charset=utf-8")


def shared(answer: HTTPResponse) -> HTTPResponse:
    """The same answer, usable by pages of other sites."""
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer
