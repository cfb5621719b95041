"""What sets the project up; nothing here is part of the installed package."""
