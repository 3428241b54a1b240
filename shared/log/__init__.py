"""The event log: codec of its entries and names of its keys."""
