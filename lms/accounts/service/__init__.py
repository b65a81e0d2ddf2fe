"""Use cases on people: who they are, what they may, how they sign in, and the units they belong to."""
