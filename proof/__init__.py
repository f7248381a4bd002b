"""Proof of the figures against a truth that the generator knows.

`python -m proof` simulates deliveries, runs them through the load and the models like any other,
and prints how far the marts are from the truth. simulated_delivery.py makes one delivery and its
tables, coverage.py judges the intervals, time_methods.py the times to consent.
"""
