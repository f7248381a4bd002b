"""Names and declared types of the raw dataset; they are stated only here.

The data is described in the project's SOLUTION.md; the columns are those of a consent
platform's event export. Columns that a delivery adds are taken in as text.
"""

from __future__ import annotations

import pyarrow as pa

SCHEMA_NAME = "consent"

EVENTS = "events"
COMPANIES = "companies"
QUARANTINE = "events_quarantine"
LEDGER = "load_files"

GOOD_ROWS = "rows_read - rows_quarantined - rows_erased - rows_expired"
"""In the ledger: the rows of a file that are merged."""
CHANGES = "event_changes"
COMPANY_LISTS = "company_lists"

TIMESTAMP = pa.timestamp("us", tz="UTC")

EVENT_FIELDS: dict[str, pa.DataType] = {
    "EVENT_ID": pa.string(),
    "TYPE": pa.string(),
    "RATE": pa.float64(),
    "PARAMETERS": pa.string(),
    "EVENT_TIME": TIMESTAMP,
    "WINDOW_START": TIMESTAMP,
    "APIKEY": pa.string(),
    "CONSENT": pa.string(),
    "COUNT": pa.int64(),
    "EXPERIMENT": pa.string(),
    "SDK_TYPE": pa.string(),
    "DOMAIN": pa.string(),
    "DEPLOYMENT_ID": pa.string(),
    "COUNTRY": pa.string(),
    "REGION": pa.string(),
    "BROWSER_FAMILY": pa.string(),
    "DEVICE_TYPE": pa.string(),
}
COMPANY_FIELDS: dict[str, pa.DataType] = {
    "PUBLIC_API_KEY": pa.string(),
    "INDUSTRY_BACK": pa.string(),
    "INDUSTRY_FRONT": pa.string(),
    "HQ_COUNTRY": pa.string(),
}
KEYS = {EVENTS: "EVENT_ID", COMPANIES: "PUBLIC_API_KEY"}

# The order key: if two files contain the same key, the row with the greater triple is newer.
SOURCE_MTIME = "_source_mtime"
SOURCE_FILE = "_source_file"
SOURCE_ROW = "_source_row"
ORDER_KEY: dict[str, pa.DataType] = {
    SOURCE_MTIME: TIMESTAMP,
    SOURCE_FILE: pa.string(),
    SOURCE_ROW: pa.int64(),
}
LOAD_ID = "_dlt_load_id"

OTHER_COMPANY = "EVENT_ID belongs to another company"
"""The reason of rejected rows that are sound, but whose key another company has already."""

QUARANTINE_FIELDS: dict[str, pa.DataType] = {
    "table_name": pa.string(),
    "reason": pa.string(),
    "detail": pa.string(),
    "event_id": pa.string(),
    "apikey": pa.string(),
    "raw_row": pa.string(),
}
FIELDS = {EVENTS: EVENT_FIELDS, COMPANIES: COMPANY_FIELDS, QUARANTINE: QUARANTINE_FIELDS}

# Never null; an event or a company without one of them goes to the quarantine.
REQUIRED = {
    EVENTS: {"EVENT_ID", "TYPE", "EVENT_TIME", "APIKEY", "COUNT", *ORDER_KEY},
    COMPANIES: {"PUBLIC_API_KEY", *ORDER_KEY},
    QUARANTINE: {"table_name", "reason", "raw_row", *ORDER_KEY},
}
