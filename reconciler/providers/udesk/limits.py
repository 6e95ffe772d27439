"""How much of something a tenant may have."""

from __future__ import annotations

from typing import Final

MOST_QUEUES: Final = 100  # "A maximum of 100 queues can be created per AppId" (Udesk CTI Cloud API, "Create Queue")
MOST_EXTENSIONS: Final = 2  # "A seat can be bound to a maximum of two extension numbers" ("Seat Extension Binding")
