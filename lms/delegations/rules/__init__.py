"""Pure rules of a study visit: what forms may say, the ranking, the standard checklist, totals of costs."""
