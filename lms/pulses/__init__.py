"""Quick questions in a running session: asked beside the picture, answered with one tap, kept with the session.

Up to three of a session may be marked as a second sign of presence. Not having answered one never changes a mark.
"""
