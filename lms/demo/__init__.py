"""Invented people, sessions and attendance to try the platform with, made through the services like real ones."""
