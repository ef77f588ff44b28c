"""The window of the first run: a process of its own, `python -m tray.first_run.window`; pages are made elsewhere."""
