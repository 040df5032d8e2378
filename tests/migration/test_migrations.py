"""Migrations lead from an empty database to exactly what the models say, and only forward."""

import importlib
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from services.chassis import migrations
from tests.harness import SERVICES


def differences(url, metadata):
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, metadata)
    engine.dispose()
    return found


def metadata_of(service):
    return importlib.import_module(f"services.{service}.models").Base.metadata


@pytest.mark.parametrize("service", SERVICES)
def test_migrated_and_modelled_databases_are_the_same(service, databases):
    assert differences(databases.url(service), metadata_of(service)) == []


def test_a_model_without_its_migration_is_found(databases):
    metadata = sa.MetaData()
    for table in metadata_of("identity").tables.values():
        table.to_metadata(metadata)
    metadata.tables["staff"].append_column(sa.Column("nickname", sa.Text))
    assert differences(databases.url("identity"), metadata) != []


@pytest.mark.parametrize("service", SERVICES)
def test_an_upgrade_that_is_run_again_changes_nothing(service, databases):
    migrations.upgrade(f"services.{service}", databases.url(service))
    assert differences(databases.url(service), metadata_of(service)) == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_history_is_one_line_that_only_goes_forward_and_says_why(service):
    script = ScriptDirectory.from_config(migrations.config(f"services.{service}", "unused"))
    assert len(script.get_heads()) == 1
    for revision in script.walk_revisions():
        assert revision.doc and len(revision.doc) > 20, revision.revision
        assert not hasattr(revision.module, "downgrade"), revision.revision
        assert re.fullmatch(r"\d{4}_\w+\.py", Path(revision.path).name)


@pytest.mark.parametrize("service", SERVICES)
def test_every_constraint_has_the_name_that_the_model_gives_it(service, databases):
    engine = sa.create_engine(databases.url(service))
    with engine.connect() as connection:
        names = set(
            connection.scalars(
                sa.text(
                    "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
                )
            )
        )
    engine.dispose()
    errors = importlib.import_module(f"services.{service}.models").CONSTRAINT_ERRORS
    assert set(errors) <= names
