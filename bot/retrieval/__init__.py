"""Finding the passage that answers a question: vectors and words, fused, weighed and turned into a confidence."""
