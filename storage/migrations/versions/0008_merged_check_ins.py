"""Check-ins that are asked within another, and alerts that are about several sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("check_in", sa.Column("merged_into", big, nullable=True))
    op.create_index("ix_check_in_merged_into", "check_in", ["merged_into"])
    op.add_column(
        "alert", sa.Column("also_sessions", sa.JSON(), nullable=False, server_default="[]")
    )


def downgrade() -> None:
    op.drop_column("alert", "also_sessions")
    op.drop_index("ix_check_in_merged_into", table_name="check_in")
    op.drop_column("check_in", "merged_into")
