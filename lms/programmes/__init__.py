"""Training programmes, their batches (angkatan), and who is enrolled in which, from when to when."""
