"""The agents' search: tickets with their messages, and contacts, in the index the articles use."""
