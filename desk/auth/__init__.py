"""Sessions, API tokens, passwords and CSRF tokens."""
