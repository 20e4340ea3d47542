"""Outbound: send, retry, receipts."""
