"""The notice as DOCX, HTML and JSON."""
