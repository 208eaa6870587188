"""One reply, many renderings side by side: data for the web and REST, plain text, Slack's blocks. They only show it."""
