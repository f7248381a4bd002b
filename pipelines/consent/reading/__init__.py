"""Reading: files -> record batches, with each row's number."""
