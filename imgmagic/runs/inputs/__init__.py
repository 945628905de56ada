"""What a request starts from: turn references into pictures, masks and markups that a server takes."""
