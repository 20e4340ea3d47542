"""The email channel: parsing, threading, composing, sending, and the two ways mail comes in."""
