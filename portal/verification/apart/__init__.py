"""XML and PDF read apart: a process for each file that reads it, says what it found, and is gone (decision 80)."""
