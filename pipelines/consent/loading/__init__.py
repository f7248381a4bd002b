"""Loading: checked rows -> load packages -> Postgres, through dlt."""
