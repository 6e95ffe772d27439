"""What the laws of applying need to know of a vendor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.conformance.stage import Stage
from tests.conformance.vendor import Sections, Vendor


@dataclass(frozen=True, kw_only=True)
class Trials:
    """
    What one vendor's tenant goes through.

    Args:
        vendor: The vendor.
        seed: What the tenant has at first.
        always: What stands in the files beside each wish.
        wishes: What is wished, now this and now that.
        by_hand: Calls that somebody makes at the console: method, api, body.
        aims: Which calls may go wrong, as faults say it.
        writes: Which are writes, as faults say it.
        code: An error code of which nobody knows the meaning.
        holds: Compares what the vendor has with a wish; given the stage, too, and all that was told of passwords.
    """

    vendor: Vendor
    seed: Sections
    always: Sections
    wishes: Sequence[Mapping[str, Any]]
    by_hand: Sequence[tuple[str, str, Mapping[str, Any]]]
    aims: Sequence[Mapping[str, str]]
    writes: Mapping[str, str]
    code: str
    holds: Callable[[Mapping[str, Any], Mapping[str, Any], Stage, str], None]
