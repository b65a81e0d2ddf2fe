"""Pages of courses: the library, lessons and their files, the editor."""
