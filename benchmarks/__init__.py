"""Measured speed: the load and the build as ratios, side by side in one run (`make bench`)."""
