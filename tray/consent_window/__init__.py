"""The window that asks whether a site may use the card bridge: a process of its own, `python -m tray.consent_window`.

One JSON line in (question.py), `{"event":"shown"}` and one answer out. Everything that decides is pure and stands
beside `qt`, so that another toolkit decides alike.
"""
