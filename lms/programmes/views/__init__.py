"""Pages of programmes: the list, one programme, one batch, who is in it, and how people come into it."""
