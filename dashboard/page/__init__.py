"""The page: panels -> HTML, for the browser and for the report."""
