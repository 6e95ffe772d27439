"""Print the table of docs/planning.md: each rule, and the tests that fail without it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Final

from tests.mutants import facts, facts_tencent
from tests.mutants.mutant import Drop
from tests.mutants.rules import GROUPS

_TEST: Final = re.compile(r"(?P<folder>laws/)?(?P<file>\w+)\.py::test_(?P<name>\w+)(?:\[(?P<case>.*)\])?")


def table() -> Iterator[str]:
    """Make the lines of the table."""
    for title, mutants in GROUPS.items():
        yield from ("", f"### {title}", "", "| without this rule | this fails |", "| --- | --- |")
        for mutant in mutants:
            rule = mutant.rule
            if isinstance(mutant.change, Drop):
                call, statement, fact = mutant.change.call, mutant.change.statement, mutant.change.fact
                rule = f"`{call}` {statement} `{fact}`"
            yield f"| {rule} | {'; '.join(map(_told, mutant.fails))} |"
    yield from ("", "These statements are true and decide nothing, so nothing fails without them:", "")
    for (call, statement, fact), reason in (facts.SAID_ONLY | facts_tencent.SAID_ONLY).items():
        yield f"- `{call}` {statement} `{fact}`: {reason}"


def _told(test: str) -> str:
    found = _TEST.fullmatch(test)
    assert found is not None, f"{test} is no test's id"
    if found["file"] == "test_golden":
        return f"story `{found['case'] or 'example'}`"
    told = re.sub(r"_([st])(?=_|$)", r"'\1", found["name"]).replace("_", " ")
    return f"law: {told}" if found["folder"] else f"`{found['file']}`: {told}"


if __name__ == "__main__":
    sys.stdout.write("\n".join(table()).strip("\n") + "\n")
