"""Loopback stand-ins for the providers; the demo and the tests share them.

Each has the same shape, so that whoever runs one can run all:

- `app`: an ASGI app that speaks the provider's API, strict about tokens and bodies;
- `sent`: what our adapters handed over, oldest first, each with `id`, `at`, `to`, `kind`, `text`
  and `media`;
- `async say(text, sender=...)`: the customer writes; a real, signed webhook goes to the callback;
- `fail(...)`: the next calls fail the way the provider would.

None imports a web framework: the desk runs `app` with the server it has.
"""
