"""A process without Home Assistant."""
