"""Building everything that the running bot loads, each step only where its inputs have changed."""
