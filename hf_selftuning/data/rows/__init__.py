"""Files to rows: text, CSV, JSON and Parquet, each also packed."""
