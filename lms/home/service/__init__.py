"""What stands on the first page: `next` for everyone, then a part for each role one has."""
