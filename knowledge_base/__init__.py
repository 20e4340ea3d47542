"""The knowledge base: articles, versions, locales and search."""
