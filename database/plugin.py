"""The former place of `database.dlt_plugin.hooks`, for environments installed before the move."""

from database.dlt_plugin.hooks import *  # noqa: F403
