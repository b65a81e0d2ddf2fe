"""The study visit: criteria published before scores are seen, a ranking anyone can work out again, and the journey."""
