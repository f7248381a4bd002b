"""The panels: each a question, a chart or a table, and plain words. One code for page and report."""
