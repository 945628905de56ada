"""What a request starts from: references become pictures, masks and markups that a server takes."""
