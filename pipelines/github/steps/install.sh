#!/usr/bin/env bash
# Installs reconciler into an environment of its own, and puts that on the path of the steps to come.
#
# INPUT_VERSION is what pip is given; empty means this action's own checkout, with INPUT_EXTRAS.
set -euo pipefail

home="$RUNNER_TEMP/reconciler-environment"
wanted="${INPUT_VERSION:-}"
if [ -z "$wanted" ]; then
  wanted="$GITHUB_ACTION_PATH${INPUT_EXTRAS:+[$INPUT_EXTRAS]}"
fi

# -I: the working directory is the checkout, and no Python of somebody's pull request is to be run from there.
python3 -I -m venv "$home"
"$home/bin/python" -I -m pip install --quiet --disable-pip-version-check -- "$wanted"
echo "$home/bin" >>"$GITHUB_PATH"
"$home/bin/reconciler" --version
