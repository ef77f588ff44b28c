"""Makes the profile known by which pytest's own option chooses the long run."""

from __future__ import annotations

from hypothesis import settings

from tests.safety.sequences import SOAK

settings.register_profile("soak", SOAK)
