"""What clinicians write to patients or note about them."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "staff_message",
        sa.Column("id", big, nullable=False),
        sa.Column("clinic_id", big, nullable=False),
        sa.Column("patient_id", big, nullable=False),
        sa.Column("alert_id", big, nullable=True),
        sa.Column("person_id", big, nullable=False),
        sa.Column("body", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("update_id", big, nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'kept', 'sent', 'answered')", name="ck_staff_message_state"
        ),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"]),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("update_id", name="uq_staff_message_update"),
    )
    op.create_index("ix_staff_message_patient_id", "staff_message", ["patient_id"])


def downgrade() -> None:
    op.drop_index("ix_staff_message_patient_id", table_name="staff_message")
    op.drop_table("staff_message")
