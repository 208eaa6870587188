"""The chat in a browser: its pages, its files, and what the channel behind it keeps."""
