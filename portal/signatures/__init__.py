"""Whether to believe a signature: strict readers, the path to an anchor, the ladder."""
