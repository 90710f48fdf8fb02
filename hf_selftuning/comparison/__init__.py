"""The comparison of methods, label budgets and seeds: cells, statistics, tables and figures."""
