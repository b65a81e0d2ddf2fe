"""Pure building blocks every feature may use: interval algebra and the vocabulary of refusals."""
