"""Alembic's entry: runs migrations on the connection that `lms.migrating` hands over."""

from alembic import context

from lms.db import Base
from lms.migrating import import_models

import_models()
connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # SQLite cannot alter a table in place; batch mode copies it.
    render_as_batch=True,
    compare_type=True,
    compare_server_default=False,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
