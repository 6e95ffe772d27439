"""The door: `reconciler …` and `python -m reconciler …`. What concerns the whole process is set up here."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] == ["--version"]:  # asked by scripts all the time: no need to load the command line for it
        from reconciler._version import __version__  # noqa: PLC0415

        sys.stdout.write(f"reconciler {__version__}\n")
        return
    if _completed(os.environ.get("_RECONCILER_COMPLETE", "")):
        return
    import gc  # noqa: PLC0415
    import io  # noqa: PLC0415
    import signal  # noqa: PLC0415

    if "simulate" not in sys.argv:
        # A run makes many objects and few cycles, and ends soon: looking for garbage would take it a sixth of its time.
        gc.disable()
    # Pydantic would read the metadata of all that is installed, and let it see what we check, secrets too.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Httpx would import its own command line, with all that this needs. None says that there is none.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    from reconciler.cli import run  # noqa: PLC0415

    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us; files opened later must not take its number
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that can't spell a name shows it escaped, instead of ending the run.
            stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _interrupted)
    _leave(run(sys.argv[1:]))


def _leave(code: int) -> None:
    """End the process at once: the system takes all memory back, where Python takes 0.15 s to free a large tenant."""
    for stream in (sys.stdout, sys.stderr):
        try:  # noqa: SIM105 - contextlib is for this alone too dear
            stream.flush()
        except (OSError, ValueError):  # whoever read it is gone, and nobody is left to tell
            pass
    os._exit(code)


def _completed(request: str) -> bool:
    """Answer a shell that asks what may come next; False: it asks for something else, or nothing."""
    if not request:
        return False
    from reconciler._commands import ROOT  # noqa: PLC0415
    from reconciler.completion import answer  # noqa: PLC0415

    text = answer(ROOT, request, os.environ.get("COMP_WORDS", ""), os.environ.get("COMP_CWORD", ""))
    if text is None:
        return False
    left = f"{text}\n".encode("utf-8", "surrogateescape")
    try:
        while left:
            left = left[os.write(1, left) :]
    except OSError:  # the shell went away: nobody waits for the rest
        pass
    return True


def _interrupted(_number: int, _frame: object) -> None:  # not NoReturn: completion has no time to load `typing`
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
