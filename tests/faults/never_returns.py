"""The load, in which every CSV file is read for ever, and Parquet files cannot be read.

Run as a script, with the arguments of the load. Creates the file that READING names once it hangs.
"""

import os
import runpy
import sys
import time
from pathlib import Path

from pipelines.consent import source

SCRIPT = Path(source.__file__).parents[1] / "consent_pipeline.py"


def read_csv(*_: object) -> object:
    Path(os.environ["READING"]).touch()
    while True:
        time.sleep(1)


def read_parquet(*_: object) -> object:
    while not Path(os.environ["READING"]).exists():
        time.sleep(0.1)
    raise OSError(28, "No space left on device", "/somewhere")


if __name__ == "__main__":
    vars(source)["READERS"].update(csv=read_csv, parquet=read_parquet)
    sys.argv[0] = str(SCRIPT)
    runpy.run_path(str(SCRIPT), run_name="__main__")
