"""Whether an origin may call at all: the person's answer, asked for once, kept, listed and taken back."""
