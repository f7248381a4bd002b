"""Queries: the connection to the marts, the filters, and the frames read through them."""
