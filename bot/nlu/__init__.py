"""Understanding what is asked: one port, the embedded engine and Rasa behind it."""
