"""Static files, ready to send: compressed once, named by their content, cacheable for ever under that name."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FOLDER = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Asset:
    """A body with its type."""

    body: bytes
    type: str

    @cached_property
    def digest(self) -> str:
        """12 hexadecimal digits that change whenever the body does."""
        return hashlib.sha256(self.body).hexdigest()[:12]

    @cached_property
    def compressed(self) -> bytes:
        """The body, gzipped."""
        return gzip.compress(self.body, 9, mtime=0)


class Assets:
    """The files of a folder by their names with digest: `element.js` is `element.0a1b2c3d4e5f.js`."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._names: dict[str, str] = {}
        self._assets: dict[str, Asset] = {}
        for path in sorted(p for p in folder.iterdir() if p.is_file()):
            asset = Asset(path.read_bytes(), mimetypes.guess_type(path.name)[0] or "application/octet-stream")
            name = f"{path.stem}.{asset.digest}{path.suffix}"
            self._names[path.name] = name
            self._assets[name] = asset

    def name(self, file: str) -> str:
        """The name with digest of a file."""
        return self._names[file]

    def get(self, name: str) -> Asset | None:
        """The asset of a name with digest, None where there is none."""
        return self._assets.get(name)

    def file(self, file: str) -> Asset:
        """The asset of a file."""
        return self._assets[self._names[file]]
