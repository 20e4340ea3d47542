"""The open channel: a signed webhook in and out, for channels that nobody has written yet."""
