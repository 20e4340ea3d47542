"""LINE, by an official account's Messaging API channel."""
