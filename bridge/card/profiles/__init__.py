"""What is known of each kind of card, one TOML file each. A new card needs a file, no code (docs/card-profiles.md)."""
