"""The help center: pages that the server writes and that work without a script."""
