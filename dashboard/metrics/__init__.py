"""Metrics of filtered frames, with their intervals. No queries here."""
