"""検証機能: what a saved receipt or signed document says, and whether it can be relied on."""
