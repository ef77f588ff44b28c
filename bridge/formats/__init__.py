"""Documents whose signature stands inside them: XML and PDF, read and written by a short-lived process alone."""
