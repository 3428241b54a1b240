"""The method: from daily figures to verdicts and flags. Everything but the command is pure."""
