"""The rows of a run's table, and the stages that train each row."""
