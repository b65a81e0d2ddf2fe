"""Quizzes: an acknowledged answer is kept and scored exactly once, whatever happens to the line, the phone or us."""
