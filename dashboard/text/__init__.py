"""Text: how figures are written, what terms mean, and sentences that several places share."""
