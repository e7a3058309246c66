"""Tests of the room that deletes."""
