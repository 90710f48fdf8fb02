"""Text files whose sentences carry their labels: marks around words, tags beside a sentence, PubTator's lines."""
