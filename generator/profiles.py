"""The ten kinds of company; each has some of the oddities of real deliveries.

Companies 1 to 10 use them as they are. Further companies use them in turn with new probabilities,
except the LI-only one, whose choices are all `empty`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """How a company's users behave and how its delivery looks.

    rows: default rows after sampling. span_hours, start_hour: the delivery's window; `capped`:
    exactly `rows` rows from one hour. web: share of web users. returning: share of users who
    come with a status. shown: share of new users who are asked. external: share of new users
    who get a status elsewhere, unasked. chosen: share of asked who choose. statuses:
    probabilities of full, partial, opt-out, empty. pageviews: mean per user. delay: factor on the
    median times to choose. *_rate: sampling probabilities. created_lead: seconds from token to
    notice. clock_off: seconds by which the tokens' clock differs from EVENT_TIME. size: relative
    length of vendor lists.
    """

    name: str
    home: str
    rows: int = 2500
    span_hours: float = 24
    start_hour: int = 1
    capped: bool = False
    web: float = 1.0
    returning: float = 0.35
    shown: float = 0.86
    external: float = 0.05
    chosen: float = 0.75
    statuses: tuple[float, float, float, float] = (0.70, 0.07, 0.227, 0.003)
    pageviews: float = 5.0
    delay: float = 1.0
    web_pageview_rate: float = 0.03
    mobile_pageview_rate: float = 0.1
    asked_rate: float = 0.1
    given_rate: float = 1.0
    deployments: int = 1
    region_null: float = 0.15
    milliseconds: bool = True
    hex_ids: bool = False
    user_id: bool = True
    null_rate: float = 0.0
    old_partial: float = 0.0
    li_only: bool = False
    forbidden_li: tuple[str, ...] = ()
    created_lead: float = 0.2
    clock_off: float = 0.0
    size: float = 1.0
    long_lists: bool = False


PROFILES: tuple[Profile, ...] = (
    Profile(
        "app",
        "ES",
        rows=2300,
        span_hours=6,
        web=0.0,
        returning=0.5,
        asked_rate=0.2,
        size=0.3,
        chosen=0.88,
        statuses=(0.76, 0.05, 0.187, 0.003),
    ),
    Profile("shop", "FR", rows=2700, span_hours=84, chosen=0.8, old_partial=0.3, hex_ids=True),
    Profile(
        "no milliseconds",
        "FR",
        rows=2400,
        span_hours=36,
        milliseconds=False,
        hex_ids=True,
        deployments=96,
        asked_rate=0.2,
        null_rate=0.02,
        region_null=0.4,
        chosen=0.62,
        statuses=(0.66, 0.08, 0.257, 0.003),
    ),
    Profile(
        "capped",
        "DE",
        capped=True,
        user_id=False,
        web=0.95,
        deployments=3,
        shown=0.8,
        chosen=0.7,
        statuses=(0.6, 0.12, 0.277, 0.003),
        forbidden_li=("create_ads_profile", "cookies"),
    ),
    Profile(
        "asked fully logged",
        "GB",
        rows=2900,
        span_hours=130,
        web=0.3,
        asked_rate=1.0,
        returning=0.3,
        statuses=(0.55, 0.05, 0.397, 0.003),
        pageviews=7,
        chosen=0.54,
        size=1.6,
    ),
    Profile(
        "LI only",
        "CA",
        rows=2200,
        span_hours=12,
        web=0.84,
        li_only=True,
        statuses=(0.0, 0.0, 0.0, 1.0),
        hex_ids=True,
        deployments=2,
        region_null=0.02,
    ),
    Profile(
        "long lists",
        "IT",
        rows=2100,
        span_hours=48,
        web=0.02,
        deployments=35,
        asked_rate=0.2,
        chosen=0.8,
        statuses=(0.5, 0.04, 0.457, 0.003),
        size=1.8,
        long_lists=True,
        null_rate=0.02,
    ),
    Profile(
        "no milliseconds, capped",
        "FR",
        capped=True,
        start_hour=9,
        milliseconds=False,
        user_id=False,
        chosen=0.9,
        asked_rate=0.2,
        statuses=(0.82, 0.06, 0.117, 0.003),
        delay=1.3,
        old_partial=0.2,
    ),
    Profile(
        "clock away",
        "BE",
        rows=2600,
        span_hours=60,
        web=0.92,
        chosen=0.6,
        asked_rate=0.2,
        created_lead=15.0,
        clock_off=-7200.0,
        hex_ids=True,
        given_rate=0.5,
        pageviews=4,
        forbidden_li=(
            "create_ads_profile",
            "select_personalized_ads",
            "create_content_profile",
            "select_personalized_content",
        ),
    ),
    Profile(
        "many partial",
        "FR",
        rows=2800,
        span_hours=96,
        web=0.9,
        chosen=0.7,
        external=0.1,
        statuses=(0.5, 0.25, 0.247, 0.003),
        asked_rate=0.2,
        null_rate=0.02,
        size=1.3,
    ),
)
