"""Jembatan: the learning platform between Balikpapan and Singapore's Civil Service College."""
