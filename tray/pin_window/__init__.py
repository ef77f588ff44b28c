"""The window that asks a person for a PIN or a consent: one process per prompt, `python -m tray.pin_window`.

One JSON line in (question.py), one JSON line and the PIN's bytes out (answer.py). The window toolkit is behind
`qt`; everything that decides is pure and stands beside it, so that another toolkit decides alike.
"""
