"""
Runs the command line in processes that can be struck: `python -m tests.crash.child`, told on standard input.

One process imports everything once, and each run is a fork of it: a real process with the real `main()`, without the
half second that starting Python takes. A request is a line of JSON, and so is each of two answers: the run's process
id, and how it ended.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

import reconciler


def main() -> None:
    """Serve requests until standard input ends."""
    for module in pkgutil.walk_packages(reconciler.__path__, "reconciler."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    importlib.import_module("tests.crash.points")
    importlib.import_module("rich.table")
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _run(asked)
        _say({"pid": pid})
        _, status = os.waitpid(pid, 0)
        _say({"code": os.waitstatus_to_exitcode(status)})


def _say(what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _run(asked: Any) -> None:
    """Become the run that was asked for."""
    from reconciler import __main__ as door
    from tests.crash.points import strike

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are born deaf to it
    os.environ.update(asked["environ"])
    points = strike(asked["point"], asked["crossing"], tuple(asked["signals"]))
    streams = {0: os.devnull, 1: asked["out"], 2: asked["err"]}
    for number, path in streams.items():
        descriptor = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(descriptor, number)
        os.close(descriptor)
    leave = door._leave  # noqa: SLF001 - it ends the process, so what was crossed must be told before it

    def counted(code: int) -> None:
        Path(asked["crossed"]).write_text(json.dumps(points.crossed), encoding="utf-8")
        leave(code)

    door._leave = counted  # noqa: SLF001
    sys.argv = ["reconciler", *asked["arguments"]]
    try:
        door.main()
    except BaseException:  # noqa: BLE001 - nothing may come this far, and if it does it is to be seen
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(99)


if __name__ == "__main__":
    main()
