"""Mail that comes by the webhooks of sending services, and what they say of ours."""
