#!/usr/bin/env bash
# Ends the job as the command's exit code asks for. Changes found are what a plan is for; drift is what somebody is to see.
set -euo pipefail

end() {
  echo "::error title=reconciler $INPUT_COMMAND::$1"
  exit "$EXITCODE"
}

case "$INPUT_COMMAND:$EXITCODE" in
  *:0 | plan:2 | review:2) ;;
  drift:2)
    if [ "${INPUT_FAIL_ON_DRIFT:-true}" = true ]; then
      end "Somebody changed the live tenant by hand. The job's summary says what."
    fi
    ;;
  *:3) end "Refused by a guard. The job's summary says by which, and what would lift it." ;;
  *:4) end "Stopped part way, or could not be verified. A second run carries on; the job's summary says where it stands." ;;
  *:130) end "Interrupted. What was in flight is finished; a second run carries on." ;;
  *) end "It failed, and nothing was changed. The job's summary says why." ;;
esac
