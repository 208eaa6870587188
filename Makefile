# Every target sets up what it needs; a second run with nothing changed skips what is done.
PYTHON ?= python3.11
BIN := .venv/bin
export RASA_TELEMETRY_ENABLED := false
export HF_HUB_OFFLINE := 1
export TOKENIZERS_PARALLELISM := false

.PHONY: serve test check eval bench setup lock

serve: setup
	@exec $(BIN)/faqbot serve

test: setup
	@$(BIN)/python scripts/browser.py
	@$(BIN)/faqbot train
	@$(BIN)/python -m pytest

check: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

eval: setup
	@$(BIN)/faqbot train
	@$(BIN)/faqbot eval

bench: setup
	@$(BIN)/faqbot train
	@$(BIN)/faqbot bench

setup:
	@command -v $(PYTHON) >/dev/null || { echo "setup: Python 3.11 is needed and '$(PYTHON)' was not found: install it, or run 'make PYTHON=/path/to/python3.11'." >&2; exit 1; }
	@$(PYTHON) scripts/setup.py

# Renews requirements.lock from pyproject.toml. torch stands apart, since its CPU and default builds differ.
lock: setup
	@$(BIN)/uv pip compile pyproject.toml --extra dev --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
	  $(if $(PIP_FIND_LINKS),--find-links $(PIP_FIND_LINKS)) --no-header --no-annotate --generate-hashes \
	  --no-emit-package torch --quiet -o requirements.lock
