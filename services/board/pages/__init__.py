"""What the pages show, as text in one language: computed from figures and flags, rendered by templates."""
