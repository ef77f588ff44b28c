"""What can be wrong on this computer: one guarded line per check, each with its cause and the next step."""
