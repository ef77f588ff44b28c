"""The window with Windows' own controls, through ctypes: nothing to ship, and what screen readers know.

What is where is pure (`wrap`, `listing`, `layout`, tested everywhere); the rest runs on Windows only.
"""
