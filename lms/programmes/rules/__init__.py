"""Pure rules of programmes: what forms may say, whom a pasted list or a sheet names, when phases are."""
