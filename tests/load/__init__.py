"""Tests of the load, from single values to whole runs; a file a subject."""
