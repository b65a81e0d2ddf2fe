"""The course library: folders and drafts become revisions of safe HTML, with attachments and reading progress."""
