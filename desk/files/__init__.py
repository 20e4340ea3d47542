"""Attachments: content-addressed files with sniffed types."""
