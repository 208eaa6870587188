"""What Rasa needs of the bot: graph components, training data, response generation, channels and the server."""
