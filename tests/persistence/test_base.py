"""The engines' tables stand in the desk's database and lean on nothing of the desk."""

from __future__ import annotations

import desk.db.metadata
from persistence.base import Base

ENGINES = {"bot", "channels", "knowledge_base", "sla"}


def test_no_engine_points_at_a_table_that_is_not_its_own() -> None:
    assert desk.db.metadata.metadata is Base.metadata
    owners = {
        mapper.class_.__tablename__: mapper.class_.__module__.partition(".")[0]
        for mapper in Base.registry.mappers
    }
    leaving = [
        f"{table.name}.{key.parent.name} -> {key.column.table.name}"
        for table in Base.metadata.tables.values()
        if owners.get(table.name) in ENGINES
        for key in table.foreign_keys
        if owners.get(key.column.table.name) != owners[table.name]
    ]
    assert not leaving
