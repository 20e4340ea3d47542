"""Web chat: the widget on a website. Messages come over a socket that the desk serves itself."""
