"""Whose calls the simulated tenants of the benchmarks take."""

from typing import Final

SID: Final = "demo-sid"
AUTH_TOKEN: Final = "demo-token"
