"""The knowledge base inside the desk: units of work, events, search index, jobs."""
