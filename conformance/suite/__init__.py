"""The shipped suite: what `pytest --pyargs conformance` collects."""
