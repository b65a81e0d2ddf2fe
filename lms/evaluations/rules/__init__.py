"""Pure rules of evaluation: ready-made blocks, what an answer may be, results that protect few, four levels."""
