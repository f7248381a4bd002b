"""The load on a machine whose clock is one hour behind."""

import sys
import time

_now, _now_ns = time.time, time.time_ns
time.time = lambda: _now() - 3600
time.time_ns = lambda: _now_ns() - 3600 * 10**9

if __name__ == "__main__":
    from pipelines.consent_pipeline import main

    sys.exit(main())
