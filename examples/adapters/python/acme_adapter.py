"""Adapter of a Python SDK: `pytest --pyargs conformance --adapter acme_adapter:Acme`."""

import acme_batches

from conformance.adapters.base import PackageAdapter


class Acme(PackageAdapter):
    package = "acme-batches"

    def client(self, **settings):
        return acme_batches.Client(**settings)
