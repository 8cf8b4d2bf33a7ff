"""Who is asking, and what they may: accounts, sessions, keys, roles."""
