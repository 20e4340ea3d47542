"""Messenger and comments of a Facebook page, by Meta's Messenger Platform."""
