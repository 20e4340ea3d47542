"""From an empty desk to the first answered message: its owner, its profile, invitations."""
