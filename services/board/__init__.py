"""The board: what people see of the figures, rendered on the server in Vietnamese and English."""
