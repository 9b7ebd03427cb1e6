"""A clinic's own protocol versions and drafts, and what the rules were given each time."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    words = sqlmodel.sql.sqltypes.AutoString()
    op.add_column("assessment", sa.Column("inputs", sa.JSON(), nullable=True))
    with op.batch_alter_table("protocol_version") as table:
        table.add_column(sa.Column("thresholds", sa.JSON(), nullable=True))
        table.add_column(sa.Column("made_by", big, nullable=True))
        table.create_foreign_key("fk_protocol_version_made_by", "person", ["made_by"], ["id"])
    op.create_table(
        "protocol_draft",
        sa.Column("id", big, nullable=False),
        sa.Column("clinic_id", big, nullable=False),
        sa.Column("state", words, nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("changed_by", big, nullable=True),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("rehearsed", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'made', 'dropped')", name="ck_protocol_draft_state"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"]),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "uq_protocol_draft_open", "protocol_draft", ["clinic_id"], unique=True,
        sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("uq_protocol_draft_open", "protocol_draft")
    op.drop_table("protocol_draft")
    with op.batch_alter_table("protocol_version") as table:
        table.drop_column("made_by")
        table.drop_column("thresholds")
    op.drop_column("assessment", "inputs")
