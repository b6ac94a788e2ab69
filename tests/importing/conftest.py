"""Settings of the property tests."""

from __future__ import annotations

import hypothesis

# A busy machine is no fault of a test.
hypothesis.settings.register_profile(
    "importing", deadline=None, max_examples=30, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("importing")
