"""`python -m installer.policy DIRECTORY`: the template for Windows' policies, into that folder."""

from __future__ import annotations

import sys
from pathlib import Path

from installer.policy.files import write

write(Path(sys.argv[1]))
