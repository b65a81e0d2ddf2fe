"""Use cases: `scheduling` sets, moves and cancels sessions, `telling` informs the people, `listing` reads."""
