"""The bot's own rows: what it is taught, how it behaves in an inbox, what it said and why."""
