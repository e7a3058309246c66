"""What a person runs: the tests, the demo, and what they stand on."""
