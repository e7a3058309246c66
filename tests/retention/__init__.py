"""Tests of the retention rules."""
