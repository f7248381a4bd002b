{# The checks of data_quality: name, severity where rows are affected, what the models do about it. #}
{% macro quality_checks() -%}
    {{ return([
        ('RATE missing', 'medium', 'kept with rate 1, a lower bound, and flagged; metric_sensitivity imputes'),
        ('COUNT is round(1 / RATE)', 'high', 'the headline stays COUNT / RATE; where it is so throughout, corrected figures use COUNT'),
        ('company not in the company file', 'medium', 'kept; industries and headquarters are Unknown'),
        ('asked with a status', 'low', 'kept as a notice; the status is the one that the user had before'),
        ('given with status empty', 'medium', 'kept as a choice; neither opt-in nor opt-out; see consent_status_reconciliation'),
        ('status differs from the lists', 'medium', 'the delivered status is used; see consent_status_reconciliation'),
        ('older status text', 'info', 'partial is read as partial opt-in'),
        ('external or webview choice', 'info', 'left out of the main rates; metric_sensitivity has both'),
        ('notice or choice without lists', 'medium', 'counted as an event; absent from purposes and vendors'),
        ('user id is not a person', 'high', 'time by user is not credible; the next method gives the headline; see evidence_checks'),
        ('recycled payload', 'high', 'kept; figures from payloads are not reliable; see evidence_checks'),
        ('opted-in web page view that never says full opt-in', 'info', 'kept; company_traffic_consent reads full and partial opt-in together'),
        ('conversion above 1', 'medium', 'shown as it is: people can choose without being asked again'),
        ('headless browser', 'low', 'kept; not a person'),
        ('no country', 'low', 'kept; in no country count, region unknown'),
        ('country that is not in ISO 3166', 'low', 'kept; counts as no country, such as XX, T1, EU, (not set)'),
        ('outside its WINDOW_START hour', 'low', 'kept; EVENT_TIME decides'),
        ('later than its load', 'medium', 'kept; EVENT_TIME decides'),
        ('quarantined', 'high', 'kept out; the row and the reason are in events_quarantine'),
        ('EVENT_ID belongs to another company', 'high', 'kept out; the company that had the event first keeps it'),
        ('payload encoded twice', 'low', 'decoded once by the load'),
        ('duplicate in its file', 'low', 'the newest version of an EVENT_ID is used'),
    ]) }}
{%- endmacro %}

{# Rows of a group of events that satisfies `condition`. #}
{% macro rows_where(condition) -%}
    case when {{ condition }} then event_row_count else 0 end
{%- endmacro %}
