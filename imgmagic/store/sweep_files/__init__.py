"""What a sweep becomes on the disk: a folder of originals, a contact sheet, a table."""
