"""Every metric of the company marts computed a second time, from the files, in pandas.

Written from the definitions (the brief's and the domain's), not from the models: loops over
sorted groups where the models use window functions, `json` where they use jsonb.
"""
