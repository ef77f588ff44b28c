"""What Alembic runs for each upgrade or downgrade: within the transaction of portal.store.migrations.running."""

from __future__ import annotations

from alembic import context

from portal.store.migrations.running import CONNECTION, noted

context.configure(
    connection=context.config.attributes[CONNECTION],
    transactional_ddl=True,
    on_version_apply=lambda **facts: noted(facts["ctx"]),
)
with context.begin_transaction():
    context.run_migrations()
