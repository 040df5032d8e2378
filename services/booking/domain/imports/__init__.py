"""Orders of another system's file: states, columns, cells and rows; pure."""
