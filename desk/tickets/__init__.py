"""Tickets and their messages: models, repository, service; the lifecycle is pure."""
