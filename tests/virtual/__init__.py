"""A whole card chain without hardware: a PIV card, a reader, and a PC/SC service of its own for each test.

`python -m tests.virtual --directory DIR` runs the chain for the demo.
"""
