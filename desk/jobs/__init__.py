"""The jobs port and its two queues."""
