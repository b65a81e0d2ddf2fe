"""Use cases on courses: syncing folders, writing and publishing, handing out files, reading and what was read."""
