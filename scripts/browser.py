"""Finds Chromium for the browser tests, or installs the system's package where that is allowed.

Exits with 0 where there is one, and with 1 and one sentence where there is none and it cannot be installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
HINT = "install it with your system's packages (Debian: 'sudo apt-get install chromium') and run 'make test' again"


def find_browser() -> str | None:
    """Path of an installed Chromium, None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def main() -> int:
    """Finds or installs a browser; returns the exit code."""
    if find_browser():
        return 0
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"browser: the browser tests need Chromium, and none was found: {HINT}.", file=sys.stderr)
        return 1
    print("browser: installing Chromium from the system's packages (about 100 MB)", flush=True)
    for command in (["apt-get", "-qq", "update"], ["apt-get", "-qq", "install", "--yes", "chromium"]):
        done = subprocess.run(
            command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, capture_output=True, text=True
        )
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            print(f"browser: '{' '.join(command)}' failed ({reason}): {HINT}.", file=sys.stderr)
            return 1
    return 0 if find_browser() else 1


if __name__ == "__main__":
    sys.exit(main())
