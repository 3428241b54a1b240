"""What the monthly notice says, decided without I/O."""
