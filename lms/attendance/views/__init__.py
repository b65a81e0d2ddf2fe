"""Pages of attendance: the register, one person's line with its "why?", the paper sheet, one's own record."""
