"""Imports every model module, so that the metadata is whole. For Alembic and tests only."""

from __future__ import annotations

import desk.agents.models
import desk.auth.models
import desk.bot.models
import desk.contacts.models
import desk.db.log
import desk.delivery.models
import desk.files.models
import desk.firstrun.models
import desk.inboxes.models
import desk.intake.models
import desk.jobs.models
import desk.knowledge.models
import desk.tickets.models
import desk.triage.models  # noqa: F401 - imported for the tables
import sla.models  # noqa: F401 - the engines', too
from desk.db.types import Base

metadata = Base.metadata
