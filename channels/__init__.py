"""Channel adapters: they verify, parse and send; they know neither the desk nor each other."""
