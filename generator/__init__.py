"""The seeded generator of `input/`: a simulated world of users, sampled into a delivery of events.

`python -m generator` writes the project's own `input/`; tests and benchmarks call
`generate(Settings(...), output_dir)`, which returns the `Truth` about the world before sampling.

Users arrive, view pages, some are asked, some choose after a while (people.py); each event is
kept with its RATE (sampling.py) and written with the oddities that real deliveries have
(profiles.py says which company has which; render.py and files.py write them). One company with
events, the fifth, is left out of the company file on purpose, so that `Unknown` is met.
"""

from .run import generate
from .settings import Settings
from .truth import CompanyTruth, Truth

__all__ = ["CompanyTruth", "Settings", "Truth", "generate"]
