"""What people type and read: fields, sections, characters."""
