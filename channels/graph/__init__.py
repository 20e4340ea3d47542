"""Meta's Graph API, spoken by WhatsApp, Messenger and Instagram: signatures, batches, calls."""
