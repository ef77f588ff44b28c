"""The template for Windows' policies (ADMX, ADML), made from the table of settings that docs/settings.md shows."""
