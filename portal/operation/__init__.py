"""What those who run the portal need of it: health, readiness, figures, and a portal for practice."""
