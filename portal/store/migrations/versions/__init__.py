"""One module a revision, written by hand. One that was shipped never changes.

`DROPS` names the tables whose rows a downgrade takes out, and that cannot be made anew from what stays.
"""
