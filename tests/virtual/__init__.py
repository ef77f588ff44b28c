"""A whole card chain without hardware: cards (PIV, JPKI), a reader, and a PC/SC service of its own for each test.

`python -m tests.virtual --directory DIR` runs the chain for the demo.
"""
