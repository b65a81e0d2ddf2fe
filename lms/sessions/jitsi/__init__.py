"""The meeting server: who may enter which room (tokens), what the page embeds, and what the server says when asked.

`servers.servers_from_settings` → `tokens.mint` → `embedding.embedding`; `client.JitsiClient` and `health.HealthWatch`
ask the server. Usable on its own: nothing here knows the database, Flask or a live session.
"""
