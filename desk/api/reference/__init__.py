"""The reference page of the HTTP interface, rendered here: no CDN, no inline script."""
