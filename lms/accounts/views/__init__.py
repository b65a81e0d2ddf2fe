"""Pages of accounts: signing in, setting a password, one's own settings, people and units."""
