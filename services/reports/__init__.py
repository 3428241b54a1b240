"""The monthly notice: snapshot to statements to sentences to a document, and the check of any notice."""
