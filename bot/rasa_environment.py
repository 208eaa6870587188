"""What the environment must say before Rasa and its libraries are imported: nothing phones home, nothing is fetched."""

from __future__ import annotations

import os
import warnings
from typing import Any

_FORCED = {
    "RASA_TELEMETRY_ENABLED": "false",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "USE_TF": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}
# What old libraries warn of, and no reader of our output can act on.
_SILENCED = (DeprecationWarning, FutureWarning, UserWarning)


def prepare_environment() -> None:
    """Sets it, and silences the warnings of old libraries."""
    os.environ.update(_FORCED)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for category in _SILENCED:
        warnings.filterwarnings("ignore", category=category)
    # Sanic puts a filter of its own before these when it is imported.
    warnings.showwarning = _show


_show_as_python_does = warnings.showwarning


def _show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
    if not issubclass(category, _SILENCED):
        _show_as_python_does(message, category, *where, **more)
