"""`python -m alerts [--json] [--webhook URL] [--since DAY]`: changes that chance does not explain.

marts.consent_trend -> one line for each alert, or JSON; a webhook is told where there is one. The
JSON's `text` holds the same lines, which chat services show. Run: make alerts ARGS=--json

Exit codes: 0 no alert; 3 at least one; 4 at least one, and the webhook was not told; 1 the marts
cannot be read; 2 an option cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, date, datetime
from typing import Any

from alerts import webhook
from dashboard.queries.marts import Marts, NotBuiltError
from dashboard.text import alert_sentence
from dashboard.text.formatting import NO_BREAK
from dashboard.text.nothing_yet import NO_EVENTS, NO_FIGURES
from database.address import resolve
from database.database_error import DatabaseError

NO_ALERT, UNREADABLE, MISUSED, ALERT, NOT_TOLD = range(5)

_TESTS = """
select count(*) as tested, count(distinct company_id) as companies
from marts.consent_trend
where p_value is not null and period_start >= %(since)s
"""
_ALERTS = """
select
    trend.company_id, companies.company_name, trend.period, trend.period_start, trend.metric,
    trend.metric_value, trend.metric_lower, trend.metric_upper, trend.previous_period_start,
    trend.previous_value, trend.value_change, trend.country_mix_change, trend.country_rate_change,
    trend.device_mix_change, trend.device_rate_change, trend.notice_mix_change,
    trend.notice_rate_change, trend.p_value, trend.q_value
from marts.consent_trend as trend
inner join marts.dim_companies as companies on trend.company_id = companies.company_id
where trend.is_alert and trend.period_start >= %(since)s
order by trend.period_start desc, trend.q_value, trend.company_id, trend.metric
"""
_EVENTS = "select exists (select 1 from marts.dim_companies where has_events) as are_there"


def main(arguments: list[str] | None = None) -> int:
    """Print the alerts, tell the webhook, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m alerts", description=__doc__.split("\n\n")[0])
    parser.add_argument("--json", action="store_true", help="print them as JSON")
    parser.add_argument(
        "--webhook", metavar="URL", help="POST them there as JSON, if there are any"
    )
    parser.add_argument(
        "--since", metavar="DAY", type=_start, default="0001-01-01", help="from this day on (UTC)"
    )
    options = parser.parse_args(arguments)
    try:
        if options.webhook is not None:
            webhook.checked_host(options.webhook)
    except webhook.WebhookError as error:
        print(error, file=sys.stderr)
        return MISUSED
    try:
        found, sentence = _found(options.since)
    except (DatabaseError, NotBuiltError) as error:
        print(NO_FIGURES if isinstance(error, NotBuiltError) else error, file=sys.stderr)
        return UNREADABLE
    lines = [_for_terminals(alert_sentence.of(alert)) for alert in found]
    content = {"text": "\n".join(lines) or sentence, "alerts": found}
    print(json.dumps(content, indent=2) if options.json else content["text"])
    if not found:
        return NO_ALERT
    if options.webhook is not None:
        try:
            webhook.send(options.webhook, content)
        except webhook.WebhookError as error:
            print(error, file=sys.stderr)
            return NOT_TOLD
    return ALERT


def _start(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{day!r} is not a day such as 2025-09-05") from None


def _for_terminals(text: str) -> str:
    return text.replace(NO_BREAK, " ").replace("\N{WORD JOINER}", "")


def _found(since: datetime) -> tuple[list[dict[str, Any]], str]:
    """The alerts, as values for JSON, and what to say where there is none."""
    marts = Marts(resolve)
    try:
        values = {"since": since}
        alerts = marts.frame(_ALERTS, values)
        [[tests, companies]] = marts.frame(_TESTS, values).to_numpy()
        [[has_events]] = marts.frame(_EVENTS).to_numpy()
    finally:
        marts.close()
    if not has_events:
        return [], NO_EVENTS
    records = json.loads(alerts.to_json(orient="records", date_format="iso", double_precision=15))
    return records, alert_sentence.without_alert(tests, companies)


if __name__ == "__main__":
    sys.exit(main())
