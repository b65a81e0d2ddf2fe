"""People, their sign-in, their work units (OPD) and their rights: one vocabulary, one table, one door."""
