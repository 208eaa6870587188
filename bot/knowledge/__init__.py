"""The clinic's reviewed passages: reading them, checking them, and the plain objects that they become."""
