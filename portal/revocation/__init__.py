"""Revocation lists from elsewhere: fetched from named addresses, judged, and put into the folder that is watched."""
