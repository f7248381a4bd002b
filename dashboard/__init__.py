"""What people look at: the metrics of the marts in the terminal, as a page and as a report."""
