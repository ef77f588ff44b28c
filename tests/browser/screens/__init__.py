"""Every screen of the portal in every state that a person can meet, each by the way that leads there.

The checks of how screens look, read and work (`test_portal_screens.py`, `tests/screenshots.py`) go through all of them.
`test_every_template_is_a_screen` keeps this list complete.
"""

from __future__ import annotations

from typing import Final

from tests.browser.screens.divisions import DIVISIONS
from tests.browser.screens.public import PUBLIC
from tests.browser.screens.registered import REGISTERED
from tests.browser.screens.registration import REGISTRATION
from tests.browser.screens.renewal import RENEWAL
from tests.browser.screens.screen import Screen as Screen
from tests.browser.screens.verification import VERIFICATION

SCREENS: Final = (*PUBLIC, *VERIFICATION, *REGISTRATION, *REGISTERED, *RENEWAL, *DIVISIONS)
