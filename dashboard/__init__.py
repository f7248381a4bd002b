"""What people look at: the marts' metrics in the terminal, on a page and in a report."""
