"""Bookkeeping: the ledger, the plan that follows from it, the lock, and recovery."""
