"""What people say about a training and what became of it: questionnaires, follow-up, action plans, four levels.

Answers are anonymous for good: who answered and what was answered share neither an id nor a time nor an order.
"""
