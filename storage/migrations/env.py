"""How Alembic meets our database: on the connection that `storage.schema` hands it."""

from alembic import context
from sqlmodel import SQLModel

import storage.tables  # noqa: F401 - fills the metadata


def run() -> None:
    """Run the asked-for migrations in one transaction, with tables rebuilt where SQLite cannot
    alter them.
    """
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
