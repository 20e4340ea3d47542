"""The faces' gates, measured on the running demo in a real browser. `python -m bench.faces`."""
