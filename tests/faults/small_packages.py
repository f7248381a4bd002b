"""The load, with a load package for every file."""

import sys

from pipelines.consent import packages
from pipelines.consent_pipeline import main

packages.PACKAGE_BYTES = 1

if __name__ == "__main__":
    sys.exit(main())
