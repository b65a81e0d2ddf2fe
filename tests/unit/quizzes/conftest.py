"""Property tests look for counterexamples, not for a busy machine: no example has a deadline."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
