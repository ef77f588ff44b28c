"""Browsers' own policies that let a portal reach this computer without asking the person: written for an administrator.

Only ever on an administrator's explicit word: a program that sets browsers' policies by itself is taken for malware.
"""
