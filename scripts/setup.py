"""Builds the environment in .venv from requirements.lock, and only what is missing or changed.

Runs on a bare Python 3.11 with the standard library alone. Each step prints one line; a failed step says which and why.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "setup.stamp"
UV = "uv==0.13.9"
TORCH = "2.13.0"


class SetupError(Exception):
    """A step failed; the message names the step, the reason and what to do."""


def main() -> int:
    """Brings .venv to the state that the lock describes; returns the exit code."""
    # So that what installs in a process of its own ends with this one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        require_platform()
        wanted = fingerprint()
        if STAMP.exists() and STAMP.read_text() == wanted:
            return 0
        started = time.monotonic()
        make_venv()
        step("installing the pinned packages (about 1.5 GB are fetched the first time)", install_lock)
        step("installing torch", install_torch)
        step("installing the project", install_project)
        step("checking that the packages import", check_imports)
        STAMP.write_text(wanted)
        say(f"environment ready in {time.monotonic() - started:.0f} s")
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


def fingerprint() -> str:
    """Digest of everything that the environment is made from."""
    digest = hashlib.sha256()
    for path in (LOCK, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    digest.update(str(ROOT).encode())
    return digest.hexdigest()


def require_platform() -> None:
    """Fails with one sentence on a machine that the lock was not made for."""
    if sys.version_info[:2] != (3, 11):
        found = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetupError(
            f"Python 3.11 is needed and this is {found}: install it, or run 'make PYTHON=/path/to/python3.11'."
        )
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise SetupError(
            f"the pinned packages are for Linux on x86-64, and this is {sys.platform} on {platform.machine()}."
        )
    free = shutil.disk_usage(ROOT).free
    if not STAMP.exists() and free < 6e9:
        raise SetupError(f"6 GB of free disk space are needed and {ROOT} has {free / 1e9:.1f} GB: free some space.")


def make_venv() -> None:
    """Creates .venv with pip and uv in it."""
    if not (VENV / "bin" / "uv").exists():
        if not module_exists("ensurepip"):
            install_debian_venv()
        say("creating .venv")
        run([sys.executable, "-m", "venv", "--clear", str(VENV)], "creating .venv")
        run([python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV], "installing uv")


def install_debian_venv() -> None:
    """Installs Debian's python3-venv where that is possible."""
    hint = "Python's venv module is missing: run 'apt-get install python3-venv' and try again."
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise SetupError(hint)
    say("installing Debian's python3-venv")
    subprocess.run(["apt-get", "update", "-qq"], check=False)
    if subprocess.run(["apt-get", "install", "-y", "-qq", "python3-venv"], check=False).returncode:
        raise SetupError(hint)


def install_lock() -> None:
    """Installs every package of the lock, checked against its hashes."""
    uv("--no-deps", "--require-hashes", "-r", str(LOCK), what="installing requirements.lock")


def install_torch() -> None:
    """Installs the CPU build of torch where one is offered, and PyPI's build with its CUDA packages elsewhere."""
    if os.environ.get("PIP_FIND_LINKS") and try_uv("--no-deps", f"torch=={TORCH}+cpu"):
        return
    if try_uv("--no-deps", "--torch-backend", "cpu", f"torch=={TORCH}"):
        return
    say("no CPU build of torch is offered here; taking PyPI's build (3 GB more)")
    constraints = VENV / "constraints.txt"
    pins = [line.split(" ", 1)[0] for line in LOCK.read_text().splitlines() if line and line[0] not in " #"]
    constraints.write_text("\n".join(pins))
    uv("-c", str(constraints), f"torch=={TORCH}", what="installing torch")


def install_project() -> None:
    """Installs this checkout in editable form, so that `faqbot` and `bot` resolve to it."""
    uv("--no-deps", "-e", str(ROOT), what="installing the project")
    # Read at each start of this environment's Python: Rasa's own commands report to the outside by default.
    (VENV / "lib" / "python3.11" / "site-packages" / "faqbot_telemetry_off.pth").write_text(
        'import os; os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")\n'
    )


def check_imports() -> None:
    """Imports what is most likely to be broken by a bad wheel."""
    run([python(), "-c", "import torch, onnxruntime, faiss, sklearn, bm25s, rasa, bot"], "checking the packages")


def uv(*arguments: str, what: str) -> None:
    """Runs `uv pip install` in .venv."""
    run(uv_command(*arguments), what)


def try_uv(*arguments: str) -> bool:
    """Runs `uv pip install` in .venv; returns whether it worked, silently."""
    return subprocess.run(uv_command(*arguments), capture_output=True, check=False).returncode == 0


def uv_command(*arguments: str) -> list[str]:
    """The command line of `uv pip install` for .venv, with the find-links folder that pip would use."""
    command = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--python", python(), "--compile-bytecode"]
    links = os.environ.get("PIP_FIND_LINKS")
    if links:
        command += ["--find-links", links]
    return [*command, *arguments]


def run(command: list[str], what: str) -> None:
    """Runs a command; on failure raises with the last lines that it printed."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    env["RASA_TELEMETRY_ENABLED"] = "false"
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        reason = "\n".join((done.stderr or done.stdout).strip().splitlines()[-12:])
        raise SetupError(f"{what} failed (exit code {done.returncode}):\n{reason}")


def module_exists(name: str) -> bool:
    """Whether this interpreter has the module."""
    from importlib.util import find_spec

    return find_spec(name) is not None


def python() -> str:
    """The environment's interpreter."""
    return str(VENV / "bin" / "python")


def step(what: str, action) -> None:  # noqa: ANN001
    """Runs one step between a line that says what begins and a line that says how long it took."""
    say(f"{what} …")
    started = time.monotonic()
    action()
    say(f"  done in {time.monotonic() - started:.0f} s")


def say(text: str) -> None:
    """Prints one line of progress at once."""
    print(f"setup: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
