"""Discovery: which files a delivery holds, and what the run knows of each."""
