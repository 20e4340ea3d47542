"""Contacts and their identities over all channels."""
