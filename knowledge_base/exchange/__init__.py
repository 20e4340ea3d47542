"""Import and export: Markdown folders, HTML pages, Zendesk's export, CSV."""
