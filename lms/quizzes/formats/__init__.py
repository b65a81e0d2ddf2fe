"""Questions in the files of other programs: GIFT, Moodle XML, QTI, a spreadsheet. Bytes in, questions out, and back."""
