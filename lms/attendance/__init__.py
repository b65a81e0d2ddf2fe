"""Attendance that is true: evidence in, mark out; every mark can be explained, recomputed and defended."""
