"""`card-bridge:` links: a page asks for the bridge to be started, and can say nothing more than that."""
