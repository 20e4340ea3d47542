"""Socket.IO: agents' feed and the widget."""
