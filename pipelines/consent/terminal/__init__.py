"""Terminal: what the person who runs the load sees."""
