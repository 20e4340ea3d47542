"""The knowledge base: articles, their languages and versions, and how they are found."""
