"""Values that leave the server and come back unchanged: conversation tokens, choices, receipts.

One key signs them all; the purpose is part of what is signed, so that none passes for another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from bot.errors import UsageError

MIN_SECRET = 16
# 128 bits: nobody guesses one, and a button's id stays short.
_MAC_BYTES = 16
_MAX_SEALED = 4096


class Seals:
    """Seals JSON values and opens them again.

    Example:
        >>> seals = Seals(b"a secret of the server")
        >>> seals.open("choice", seals.seal("choice", "Is it safe?"))
        'Is it safe?'
        >>> seals.open("token", seals.seal("choice", "Is it safe?")) is None
        True
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def seal(self, purpose: str, value: Any) -> str:
        """The value as an opaque text, safe in JSON and in an address."""
        body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
        return base64.urlsafe_b64encode(self._mac(purpose, body) + body).rstrip(b"=").decode()

    def open(self, purpose: str, sealed: object) -> Any:
        """The value of a text that `seal` made for the same purpose, None for anything else."""
        if not isinstance(sealed, str) or len(sealed) > _MAX_SEALED:
            return None
        try:
            raw = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
        except ValueError:
            return None
        mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        return json.loads(body) if hmac.compare_digest(mac, self._mac(purpose, body)) else None

    def _mac(self, purpose: str, body: bytes) -> bytes:
        return hmac.digest(self._secret, purpose.encode() + b"\0" + body, hashlib.sha256)[:_MAC_BYTES]


def read_secret(given: str, folder: Path) -> bytes:
    """The signing key: the one that is set, else one made at the first start and kept in `folder` for its owner.

    Raises:
        UsageError: the given secret, or the one that is kept, is too short to be one.
    """
    if given:
        if len(given) < MIN_SECRET:
            raise UsageError(f"FAQBOT_WEB_SECRET has {len(given)} characters: use {MIN_SECRET} or more random ones")
        return given.encode()
    path = folder / "web.secret"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Whole or not at all, also if two processes start at once: the first link stands.
        with NamedTemporaryFile(dir=folder) as scratch:
            scratch.write(secrets.token_urlsafe(32).encode())
            scratch.flush()
            with suppress(FileExistsError):
                os.link(scratch.name, path)
    secret = path.read_bytes()
    if len(secret) < MIN_SECRET:
        raise UsageError(f"{path}: is too short to be a key: delete it, and a new one is made")
    return secret
