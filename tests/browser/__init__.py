"""The cards and dialogs as people meet them: a real Home Assistant in a real browser."""
