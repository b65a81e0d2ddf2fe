"""What people are told: notices in the app and messages outside it, stored with their cause, sent afterwards."""
