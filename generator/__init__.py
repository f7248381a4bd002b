"""The seeded generator of `input/`: simulated users, whose events are sampled into a delivery.

`python -m generator` writes the project's own `input/`; tests and benchmarks call
`generate(Settings(...), output_dir)`, which returns the `Truth` about the world before sampling.

Users arrive, view pages, some are asked, some choose after a while (people.py). Each event is kept
with probability RATE (sampling.py). Rows then get the oddities of real deliveries: profiles.py says
which company has which, delivery_columns.py and event_files.py write them. The fifth company with
events is left out of the company file on purpose, so that `Unknown` occurs.
"""

from .settings import Settings
from .simulation import generate
from .truth import CompanyTruth, Truth

__all__ = ["CompanyTruth", "Settings", "Truth", "generate"]
