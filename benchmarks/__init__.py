"""Measurements, always beside a reference method in the same run."""
