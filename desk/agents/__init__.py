"""Agents, teams and who may do what."""
