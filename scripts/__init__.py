"""What builds and prepares; nothing of this runs with the product."""
