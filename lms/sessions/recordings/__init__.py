"""Recordings of sessions: how they arrive, who may watch them until when, and what of them was watched."""
