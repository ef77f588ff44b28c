"""What is signed, and its envelope."""
