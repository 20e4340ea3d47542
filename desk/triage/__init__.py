"""What happens to a new message before an agent sees it."""
