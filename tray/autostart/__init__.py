"""Whether the bridge starts when its person logs on: their own choice, below the computer's."""
