"""Drills, their synthetic patients, and the clinic's weekly one."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    words = sqlmodel.sql.sqltypes.AutoString()
    moment = sqlmodel.sql.sqltypes.UTCDateTime()
    op.add_column("clinic", sa.Column("weekly_drill", words, nullable=False, server_default=""))
    op.add_column(
        "patient",
        sa.Column("synthetic", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "drill",
        sa.Column("id", big, nullable=False),
        sa.Column("clinic_id", big, nullable=False),
        sa.Column("person_id", big, nullable=True),
        sa.Column("patient_id", big, nullable=True),
        sa.Column("weekly", sa.Boolean(), nullable=False),
        sa.Column("state", words, nullable=False),
        sa.Column("stage", words, nullable=False),
        sa.Column("stage_at", moment, nullable=False),
        sa.Column("taps", sa.Integer(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.CheckConstraint(
            "state IN ('running', 'passed', 'failed', 'stopped')", name="ck_drill_state"
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_drill_clinic_id", "drill", ["clinic_id"])


def downgrade() -> None:
    op.drop_index("ix_drill_clinic_id", "drill")
    op.drop_table("drill")
    op.drop_column("patient", "synthetic")
    op.drop_column("clinic", "weekly_drill")
