"""The load: consent files in `input/` to the raw dataset `consent_raw` in Postgres."""
