"""Inboxes: one per address or widget, with its channel configuration."""
