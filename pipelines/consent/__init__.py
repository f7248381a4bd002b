"""The dlt source `consent`, room by room: discovery, reading, checking, loading."""
