"""Conformance suite for the batch API of LLM gateways: library, pytest plugin, mock gateway."""

__version__ = "0.1.0"

__all__ = ["__version__"]
