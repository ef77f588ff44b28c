"""Real pcscd, a virtual reader and card, OpenSC and SoftHSM."""
