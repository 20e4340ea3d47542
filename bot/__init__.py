"""The bot: understands, answers, asks, hands over. An engine; nothing of the desk in here."""
