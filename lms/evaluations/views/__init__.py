"""Pages of evaluation: filling in, opening and results, follow-up, action plans, the four levels."""
