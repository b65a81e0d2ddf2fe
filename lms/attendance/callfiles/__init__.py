"""Attendance files of calls held elsewhere: from bytes to who was in the call when, and every line in doubt."""
