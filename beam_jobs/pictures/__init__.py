"""Work on pictures that may take its process down: decoding in helper processes."""
