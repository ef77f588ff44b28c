"""Asking the person at the desk."""
