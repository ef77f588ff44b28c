"""The window drawn with Qt (PySide6-Essentials)."""
