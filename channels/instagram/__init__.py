"""Instagram messages and comments, by Meta's Messenger Platform."""
