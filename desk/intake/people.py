"""Who wrote: the contact behind a message's sender, and behind the other names they go by."""

from __future__ import annotations

from channels.contract import Address, InboundMessage, Unparsable
from desk.contacts import identity as rules
from desk.contacts import repository
from desk.contacts import service as contacts
from desk.contacts.models import Contact
from desk.unit_of_work import UnitOfWork


async def contact_of(work: UnitOfWork, message: InboundMessage, address: Address) -> Contact:
    """The contact, made when there is none. Raises Unparsable when nobody can be made out."""
    evidence = f"wrote on {message.channel}" if not message.own else f"known to {message.channel}"
    try:
        await _by_alias(work, message, address, evidence)
        contact, identity = await contacts.from_address(
            work,
            address.kind,
            address.value,
            name=address.name,
            locale=message.locale,
            verified=address.verified,
            evidence=evidence,
        )
    except ValueError as error:
        raise Unparsable(f"The sender cannot be made out: {error}.") from error
    if message.automated is None and not message.own:
        identity.undeliverable_at = None  # whoever writes from an address has it
    for alias in message.aliases:
        await _also_known(work, contact, alias, evidence)
    return contact


async def _by_alias(
    work: UnitOfWork, message: InboundMessage, address: Address, evidence: str
) -> None:
    """A new name of somebody whom the provider also calls by a name that we know."""
    if not message.aliases:
        return
    value = rules.normalise(address.kind, address.value)
    if await repository.by_identity(work.session, address.kind, value) is not None:
        return
    for alias in message.aliases:
        value = rules.normalise(alias.kind, alias.value)
        found = await repository.by_identity(work.session, alias.kind, value)
        if found is not None:
            await contacts.add_identity(
                work,
                found[0],
                address.kind,
                address.value,
                verified=address.verified,
                evidence=evidence,
            )
            return


async def _also_known(work: UnitOfWork, contact: Contact, alias: Address, evidence: str) -> None:
    """Note another name; one that somebody else owns stays there."""
    value = rules.normalise(alias.kind, alias.value)
    if await repository.by_identity(work.session, alias.kind, value) is None:
        await contacts.add_identity(
            work, contact, alias.kind, value, verified=alias.verified, evidence=evidence
        )
