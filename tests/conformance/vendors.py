"""The vendors for which all of it must hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.conformance.tencent.vendor import TENCENT
from tests.conformance.udesk.vendor import UDESK
from tests.conformance.vendor import Vendor

VENDORS: Final[Mapping[str, Vendor]] = {vendor.name: vendor for vendor in (UDESK, TENCENT)}
