"""Tools: page and report in a headless browser, and what makes a file of this package."""
