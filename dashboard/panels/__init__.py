"""The panels of page and report: each answers a question with a chart or a table."""
