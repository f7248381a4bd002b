"""Checking: batches -> typed rows, and rows for the quarantine with the reason."""
