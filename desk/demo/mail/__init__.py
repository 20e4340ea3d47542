"""The sink's page: what the desk sent, and a form to write to it as a customer would."""
