"""What must be sent, kept until the receiver has it, and the channels it leaves by."""
