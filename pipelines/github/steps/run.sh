#!/usr/bin/env bash
# Runs one command, and tells of it: in the log, in the job's summary, on lines of the files, and to the next steps.
#
# Ends with 0 whatever the command's exit code is; verdict.sh decides what that means for the job.
set -euo pipefail
steps="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$steps/common.sh"

if [ -n "${INPUT_STATE:-}" ]; then
  export RECONCILER_STATE="$INPUT_STATE"
fi

work="$(mktemp -d "$RUNNER_TEMP/reconciler.XXXXXX")"
comment="$work/comment.md"
code=0

further=()
while IFS= read -r line || [ -n "$line" ]; do
  if [ -n "$line" ]; then further+=("$line"); fi
done <<<"${INPUT_ARGUMENTS:-}"

# Of `plan`, `drift` and `review` alone.
compared=()
if [ -n "${INPUT_BASE:-}" ]; then compared+=("--base=$INPUT_BASE"); fi

plan() {
  local shown
  written "$comment" "$work/said" reconciler plan --out "$work/plan.json" --detailed-exitcode --format markdown \
    ${compared[@]+"${compared[@]}"} ${further[@]+"${further[@]}"} -- "$INPUT_PATH"
  if [ ! -s "$work/plan.json" ]; then
    not_made
    return
  fi
  output plan-file "$work/plan.json"
  shown="$work/plan.json"
  if [ ! -e plan.json ] && [ ! -L plan.json ]; then
    # Under the name by which the artifact has it, so that readers are told to type `reconciler apply plan.json`. Not in
    # another folder: files are named, and linked to, from where a command runs.
    ln -s "$work/plan.json" plan.json
    trap 'rm -f plan.json' EXIT
    shown=plan.json
  fi
  hush
  reconciler show "$shown"
  unhush
  reconciler show "$shown" --format markdown >"$comment"
  if [ "$INPUT_COMMAND" != plan ]; then return; fi
  reconciler show "$shown" --format html >"$work/plan.html"
  reconciler show "$shown" --format github
  output page-file "$work/plan.html"
  if [ "${INPUT_SARIF:-}" = true ]; then
    reconciler show "$shown" --format sarif >"$work/plan.sarif"
    output sarif-file "$work/plan.sarif"
  fi
}

# There is no plan. What is wrong with the files is said on their lines; the rest is in the log and in the summary.
not_made() {
  local merged=() argument findings
  for argument in ${further[@]+"${further[@]}"}; do
    case "$argument" in --overlay=* | --set=*) merged+=("$argument") ;; esac
  done
  if ! findings="$(reconciler validate --format github ${merged[@]+"${merged[@]}"} -- "$INPUT_PATH" 2>/dev/null)"; then
    printf '%s\n' "$findings"
  fi
  if [ ! -s "$comment" ]; then failed "$work/said" >"$comment"; fi
}

apply() {
  local plan_file="${INPUT_PLAN_FILE:-}" answers=("--lock-timeout=${INPUT_LOCK_TIMEOUT:-0}")
  if [ -z "$plan_file" ]; then
    plan
    if [ "$code" != 0 ] && [ "$code" != 2 ]; then return; fi
    changed="$code"
    plan_file="$work/plan.json"
  else
    reconciler show --format markdown -- "$plan_file" >"$comment"
    changed="$(reconciler show --format json -- "$plan_file" | python3 -I -c \
      'import json, sys; print(2 if json.load(sys.stdin)["changes"] else 0)')"
    answers+=("--config=$INPUT_PATH" ${further[@]+"${further[@]}"})
  fi
  told "$work/said" reconciler apply "${answers[@]}" -- "$plan_file"
  {
    echo
    echo "### \`reconciler apply\` ended with exit code $code"
    echo
    quoted "$work/said"
  } >>"$comment"
  warn_of_passwords
}

# The default place of new extensions' passwords is beside the configuration, and goes away with the runner.
warn_of_passwords() {
  local folder="$INPUT_PATH" file
  if [ ! -d "$folder" ]; then folder="$(dirname -- "$folder")"; fi
  for file in "$folder"/.reconciler/secrets/*.json; do
    if [ -s "$file" ]; then
      echo "::warning title=Passwords will be lost::New extensions' passwords were written to a file on this runner," \
        "which goes away with the job. Have them encrypted, or handed to a command: see secrets in pipelines/README.md."
      return
    fi
  done
}

drift() {
  if [ -n "${INPUT_NOTIFY:-}" ]; then export RECONCILER_NOTIFY="$INPUT_NOTIFY"; fi
  written "$comment" "$work/said" reconciler drift --format markdown --metrics "$work/reconciler.prom" \
    ${compared[@]+"${compared[@]}"} ${further[@]+"${further[@]}"} -- "$INPUT_PATH"
  if [ ! -s "$comment" ]; then failed "$work/said" >"$comment"; fi
  if [ -s "$work/reconciler.prom" ]; then output metrics-file "$work/reconciler.prom"; fi
}

review() {
  local wanted=(${compared[@]+"${compared[@]}"} ${further[@]+"${further[@]}"} -- "$INPUT_PATH")
  written "$comment" "$work/said" reconciler review --detailed-exitcode --format markdown "${wanted[@]}"
  if [ -s "$comment" ]; then
    reconciler review --format github "${wanted[@]}" 2>/dev/null || true
  else
    failed "$work/said" >"$comment"
  fi
}

changed=
case "$INPUT_COMMAND" in
  plan | apply | drift | review) "$INPUT_COMMAND" ;;
  *)
    echo "::error title=reconciler::\`command\` is one of plan, apply, drift and review."
    exit 1
    ;;
esac

output exitcode "$code"
if [ "${changed:-$code}" = 2 ]; then output changes true; else output changes false; fi
output comment-file "$comment"
summarize "$comment"
