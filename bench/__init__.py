"""Benchmarks: CPU per operation and its ratio to a floor measured in the same run.

`python -m bench` prints the table that docs/benchmarks.md holds. Nothing here is a test.
"""
