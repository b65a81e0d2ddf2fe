"""Tables of hours and certificates; import each from its own module."""
