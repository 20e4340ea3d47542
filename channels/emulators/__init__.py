"""Loopback stand-ins for the providers; the demo and the tests share them."""
