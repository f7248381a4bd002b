"""How fast the load, the build and the page are, as ratios measured in one run (`make bench`)."""
