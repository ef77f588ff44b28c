"""What this computer asked of a person or a card, and signed: lines that nobody can change unseen."""
