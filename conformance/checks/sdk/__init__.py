"""Checks of SDKs: what a call sends, what it gives back, how it fails, and what is computed."""
