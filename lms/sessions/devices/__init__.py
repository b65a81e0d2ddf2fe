"""The test of a device before a session: camera, microphone, speaker, line. It never keeps anybody out."""
