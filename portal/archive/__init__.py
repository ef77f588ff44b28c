"""What outlives the running portal: backups, restoring one, an export to be kept, and judging what was kept again."""
