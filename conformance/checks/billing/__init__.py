"""Checks of the billing family: what batch bodies, messages and balances say about money."""
