"""The vendors that every law is held against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pytest

from tests.laws.tencent.vendor import TENCENT
from tests.laws.udesk.vendor import UDESK
from tests.laws.vendor import Vendor

VENDORS: Final[Mapping[str, Vendor]] = {"udesk": UDESK, "tencent": TENCENT}

each_vendor: Final = pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
