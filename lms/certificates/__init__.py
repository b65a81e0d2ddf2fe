"""What was earned: lesson hours (JP) of every person and year, and certificates that anyone can verify."""
