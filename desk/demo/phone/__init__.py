"""The demo's phone: a newcomer plays the customer on every channel, through the real adapters."""
