"""`make demo CARD=virtual`: the demo over the real chain python-pkcs11 → OpenSC → pcscd → a virtual PIV card."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from bridge import settings
from tests.running_demo import virtual_chain
from tray import demo


def main(argv: list[str]) -> int:
    """Further arguments go to `card-bridge demo`. The card lives as long as the demo; its PIN counter is real."""
    # A socket path has to stay under 108 bytes (unix(7)), so the chain does not live in the user's data directory.
    with tempfile.TemporaryDirectory(prefix="card-") as name, virtual_chain(Path(name)) as facts:
        os.environ.update(facts["env"])
        described = Path(name) / "card.json"
        described.write_text(json.dumps(facts), encoding="utf-8")
        directory = settings.data_directory() / "demo-virtual"
        return demo.run(["--card", str(described), "--directory", str(directory), *argv])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
