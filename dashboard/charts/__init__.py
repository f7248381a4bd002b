"""The charts, as Altair: frames in, charts out; no query and no page here."""
