"""The pure rules of attendance: evidence → presence → judgement. docs/attendance.md draws them."""
