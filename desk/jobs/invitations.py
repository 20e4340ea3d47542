"""An invitation by mail: sent from the first mail inbox, with a link that works once."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from channels.contract import Address, ChannelError, OutboundMessage
from channels.registry import Registry
from desk.db.types import new_id
from desk.errors import Gone, NotFound
from desk.firstrun import invitations, rules, service
from desk.inboxes import repository as inboxes
from desk.inboxes.secrets import SecretBox
from desk.inboxes.service import config as config_of
from desk.jobs.port import GiveUp, JobRun, RetryLater, Task
from desk.unit_of_work import Units

MAIL: Final = "invitation.mail"
# By language; English for every other.
SUBJECTS: Final = {"en": "You are invited to {desk}", "he": "הוזמנת אל {desk}"}
TEXTS: Final = {
    "en": (
        "Hello {name},\n\n{desk} has a place for you on its support desk. Choose a password "
        "here, and you are in:\n\n{url}\n\nThe link works once, until {until}. If you did not "
        "expect it, leave it: nothing happens.\n"
    ),
    "he": (
        "שלום {name},\n\nמחכה לך מקום בדלפק התמיכה של {desk}. בחירת סיסמה בקישור הזה, וזה הכול:"
        "\n\n{url}\n\nהקישור פועל פעם אחת, עד {until}. אם לא ציפית לו, אפשר להתעלם ממנו: "
        "לא יקרה דבר.\n"
    ),
}


class InvitationJob:
    """Mails invitations."""

    def __init__(
        self, units: Units, channels: Registry, box: SecretBox, secret: str, public_url: str
    ) -> None:
        self.units = units
        self.channels = channels
        self.box = box
        self.secret = secret
        self.public_url = public_url

    def task(self) -> Task:
        """The job as the queue knows it."""
        return Task(name=MAIL, run=self.run)

    async def run(self, run: JobRun) -> None:
        """Send one; the link is made here, so that it stands in no table."""
        invitation_id = UUID(run.args["invitation_id"])
        async with self.units.read() as session:
            try:
                row, agent = await invitations.open_one(session, invitation_id, self.units.clock())
            except (NotFound, Gone):
                return  # taken up meanwhile, or replaced by a newer one
            found = await inboxes.listing(session, "email", active_only=True)
            desk = await service.name(session)
        if not found:
            raise GiveUp("There is no mail inbox to send the invitation from; copy the link.")
        inbox = found[0]
        config = config_of(inbox, self.box, self.public_url)
        language = agent.locale.partition("-")[0]
        language = language if language in TEXTS else "en"
        values = {
            "desk": desk,
            "name": agent.name,
            "url": f"{self.public_url}/app/join#{rules.invitation_token(self.secret, row.id)}",
            "until": f"{row.expires_at:%Y-%m-%d %H:%M} UTC",
        }
        key = f"invitation-{new_id()}"
        message = OutboundMessage(
            key=key,
            to=Address("email", agent.email),
            subject=SUBJECTS[language].format(**values),
            text=TEXTS[language].format(**values),
            message_id=self.channels.manifest("email").make_message_id(
                key, config.secrets.get("hash_secret", ""), inbox.address
            ),
            automated=True,
            locale=agent.locale,
        )
        try:
            await self.channels.get("email").send(message, config)
        except ChannelError as error:
            if error.retryable:
                raise RetryLater(error.reason, error.retry_after) from error
            raise GiveUp(error.reason) from error
