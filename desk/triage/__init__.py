"""What happens to a message that was taken in: the bot's turn, then the right person."""
