"""The bot: language identification, NLU engines and a pure dialogue."""
