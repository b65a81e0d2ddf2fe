"""Pure rules about people: what a NIP tells, how ranks and phones are written, what a sign-in form may hold."""
