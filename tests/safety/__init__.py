"""The safety suite: no fault, at any moment, ever adds a deletion."""
