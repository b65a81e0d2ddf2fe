"""Pages of quizzes: `taking` for those who answer, `results` for those who teach."""
