"""Use cases of evaluation: questionnaires and surveys, answering, results, follow-up, action plans, four levels."""
