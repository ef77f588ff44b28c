"""The agency's officers: how they log in, what they look up and decide."""
