"""What a code means that a page or a help desk's list shows: ours, and those of the helper that came before."""
