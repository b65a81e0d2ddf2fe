"""Live sessions in three modes: in person, teleconference, study visit; and the link to Jitsi."""
