"""Use cases of quizzes: `library`, `taking`, `submitting`, `paper`, `late`, `results`, and `due` for a first page."""
