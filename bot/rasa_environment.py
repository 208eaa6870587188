"""What the environment must say before Rasa and its libraries are imported: nothing phones home, nothing is fetched."""

from __future__ import annotations

import os
import warnings

_FORCED = {
    "RASA_TELEMETRY_ENABLED": "false",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "USE_TF": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}


def prepare_environment() -> None:
    """Sets it, and silences the warnings of old libraries that no reader of our output can act on."""
    os.environ.update(_FORCED)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", category=FutureWarning)
    warnings.filterwarnings("ignore", category=UserWarning)
