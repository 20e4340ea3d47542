"""What can be seen of the running desk: logs and metrics. Knows no HTTP framework."""
