"""Checks of the REST contract, one module for each area of the registry."""
