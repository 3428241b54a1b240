"""The transactional outbox: messages recorded before the first attempt, and the channels they leave by."""
