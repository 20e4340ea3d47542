"""Real services for the tests: started on loopback, stopped with the session."""
