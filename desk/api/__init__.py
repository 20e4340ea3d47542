"""The HTTP API: controllers, structs, guards and problem details."""
