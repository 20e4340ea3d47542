"""Tests of routing and service levels in the desk."""
