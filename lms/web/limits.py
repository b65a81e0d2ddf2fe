"""How often something may be tried: Flask-Limiter, counting in Redis when several processes serve the site."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, headers_enabled=True, strategy="moving-window")

# An office is one address: the ceiling per address is far above what one account may try.
SIGN_IN_PER_ADDRESS = "300 per 15 minutes"
SIGN_IN_PER_ACCOUNT = "10 per 15 minutes"


def init_app(app: Flask) -> None:
    """Start counting for this app."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", app.config["SETTINGS"].redis_url or "memory://")
    # Redis gone must not lock everyone out of the site.
    app.config.setdefault("RATELIMIT_IN_MEMORY_FALLBACK_ENABLED", True)
    app.config.setdefault("RATELIMIT_IN_MEMORY_FALLBACK", ["2000 per minute"])
    # Each try is counted where it is made and no view is marked, so there is nothing to look for at every request.
    app.extensions.setdefault("limiter", set()).add(limiter)
    limiter.init_app(app)
