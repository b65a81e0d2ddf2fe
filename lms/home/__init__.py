"""The first page of each role: one next action, composed from the other features."""
