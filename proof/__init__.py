"""Proof of the figures against a truth that the generator knows.

`python -m proof` simulates deliveries, takes them through the load and the models like any other,
and prints how often the intervals of the marts hold the truth (coverage.py). simulated_delivery.py makes one
simulated delivery and its tables; each subject has a file of its own.
"""
