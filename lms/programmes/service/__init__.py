"""Use cases: `batches` sets programmes up, `enrolling` lets people in and out, `members` says who is in which."""
