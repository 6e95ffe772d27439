"""What all tests share: how long hypothesis looks for a counterexample."""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, settings

# A noisy machine is no counterexample, so nothing here depends on how long an example takes.
_PATIENT: Final = (HealthCheck.too_slow, HealthCheck.data_too_large)

settings.register_profile("ci", derandomize=True, max_examples=60, deadline=None, suppress_health_check=_PATIENT)
settings.register_profile("deep", max_examples=2000, deadline=None, suppress_health_check=_PATIENT, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
