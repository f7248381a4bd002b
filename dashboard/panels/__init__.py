"""The panels: a question, a chart or a table, plain words. One code for page and report."""
