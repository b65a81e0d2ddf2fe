"""Use cases of attendance: recording evidence, judging marks, the live register, decisions and sign-off."""
