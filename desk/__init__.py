"""Parley: the omnichannel support desk. Only this package speaks HTTP, Socket.IO and jobs."""
