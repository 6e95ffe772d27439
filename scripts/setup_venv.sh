#!/bin/sh
# Makes .venv with the project in it, editable, and its tools. Called by make; PYTHON may name an interpreter.
set -eu

fits='import sys; sys.exit(sys.version_info < (3, 11))'

find_python() {
  if [ -n "${PYTHON:-}" ]; then
    if "$PYTHON" -c "$fits" 2>/dev/null; then echo "$PYTHON"; return; fi
    echo "error: PYTHON=$PYTHON is no Python 3.11 or newer." >&2
    exit 1
  fi
  # A name may be there and not run (a shim of a version manager), so each is tried.
  for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$name" -c "$fits" 2>/dev/null; then echo "$name"; return; fi
  done
  echo "error: no Python 3.11 or newer was found on PATH." >&2
  echo "Install one (https://www.python.org/downloads/), or name it: make PYTHON=/path/to/python3 …" >&2
  exit 1
}

run() {
  # Quiet while it goes well; pip's own words when it does not.
  if ! "$@" >"$log" 2>&1; then
    cat "$log" >&2
    echo "error: this failed: $*" >&2
    echo "The package registry must be reachable, and Python must have its venv module (Debian: python3-venv)." >&2
    exit 1
  fi
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT

python=$(find_python)
if ! .venv/bin/python -m pip --version >/dev/null 2>&1 || ! .venv/bin/python -c "$fits"; then
  echo "Making .venv with $("$python" --version) ($python) …" >&2
  run "$python" -m venv --clear .venv
fi
echo "Installing the project and its tools into .venv …" >&2
# Dependency groups came with pip 25.1, and Python 3.11 brings an older one.
run .venv/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
run .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
touch .venv/installed
