"""The first run: from installed to a first signature in five steps, in a window or a terminal (`card-bridge setup`).

`course` is pure: what was found becomes a page with its buttons. `work` does what a button says. The windows and the
terminal show pages and know nothing else.
"""
