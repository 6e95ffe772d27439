"""Whom the simulated tenant accepts: a temporary credential, so that there are three secrets to keep."""

from __future__ import annotations

from typing import Final

SECRET_ID: Final = "AKIDsimulated000"
SECRET_KEY: Final = "simulated-secret-key"
TOKEN: Final = "simulated-session-token"
