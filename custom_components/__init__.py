"""Custom integrations: the one of this repository."""
