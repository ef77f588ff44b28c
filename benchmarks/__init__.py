"""Benchmarks: each figure beside its floor, measured in turn in one run, since machines are noisy."""
