"""The mock gateway: an independent reading of the contract, served on real sockets."""

from conformance.mock.server import MockServer

__all__ = ["MockServer"]
