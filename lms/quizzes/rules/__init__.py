"""The pure rules of quizzes: wording, reading numbers, questions and responses, scoring, order, deadlines, results."""
