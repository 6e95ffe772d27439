# shellcheck shell=bash
# What the steps share. Sourced; runs with bash 3.2 too, which macOS has.

# The program's words may hold anything that somebody wrote into YAML or at the vendor. Between these two the runner
# takes no line for a workflow command.
hush() {
  hushed="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
  echo "::stop-commands::$hushed"
}

unhush() {
  printf '\n::%s::\n' "$hushed"
}

# told FILE COMMAND…: run it with its words in the log and in FILE; its exit code is in $code then, and ends nothing.
#
# When the job is cancelled, bash alone is told. It tells the command, which lets calls in flight finish.
told() {
  local into="$1" pipe child reader
  shift
  pipe="$into.pipe"
  mkfifo "$pipe"
  hush
  tee -- "$into" <"$pipe" &
  reader="$!"
  "$@" >"$pipe" 2>&1 &
  child="$!"
  trap 'kill -TERM "$child" 2>/dev/null || true' INT TERM
  while :; do
    code=0
    wait "$child" || code="$?"
    if ! kill -0 "$child" 2>/dev/null; then break; fi # else it was our own signal that ended the wait
  done
  trap - INT TERM
  wait "$reader" || true
  rm -f -- "$pipe"
  unhush
}

# written FILE SAID COMMAND…: the same where stdout is a document: that goes into FILE, and the words beside it to SAID.
written() {
  local into="$1" said="$2"
  shift 2
  set +e
  "$@" >"$into" 2>"$said"
  code="$?"
  set -e
  hush
  cat -- "$said"
  unhush
}

# quoted FILE: its end as a block of Markdown that nothing in it can leave.
quoted() {
  echo '<pre>'
  tail -c 50000 -- "$1" | sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g'
  echo '</pre>'
}

# failed SAID: what there is to say where the program gave no document.
failed() {
  echo "### \`reconciler $INPUT_COMMAND\` failed"
  echo
  echo "Exit code $code. It said:"
  echo
  quoted "$1"
}

output() {
  printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}

summarize() {
  cat -- "$1" >>"$GITHUB_STEP_SUMMARY"
  echo >>"$GITHUB_STEP_SUMMARY"
}
