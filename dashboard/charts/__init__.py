"""The charts, made with Altair: frames in, Vega-Lite out. No queries and no HTML here."""
