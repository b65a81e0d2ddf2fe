"""Reading people out of an office's sheet: which column is what, and what a row says about whom."""
