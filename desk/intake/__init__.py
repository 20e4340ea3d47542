"""Inbound: raw payload, then contact, ticket and message; idempotent."""
