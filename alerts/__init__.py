"""Changes of consent that chance does not explain: marts -> terminal, JSON, webhook.

`python -m alerts`, for a schedule, reads marts.consent_trend; webhook.py tells another system.
"""
