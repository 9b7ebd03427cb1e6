"""The rota: who is told after whom, who is away, and how long an alert may wait."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MINUTES = {
    "emergency_minutes": "15",
    "urgent_minutes": "60",
    "emergency_repeat_minutes": "10",
    "urgent_repeat_minutes": "60",
}
EVENTS = (
    "opened", "reason_added", "raised", "delivered", "escalated", "acknowledged", "handed_over",
    "reopened", "closed", "mistake", "getting_help", "clinic_not_reached", "nobody_read",
    "told_seen", "note",
)  # fmt: skip
MORE_EVENTS = (*EVENTS, "asked", "still_on_it", "no_one_on_duty", "absent_paged")


def upgrade() -> None:
    for name, minutes in MINUTES.items():
        op.add_column(
            "clinic", sa.Column(name, sa.Integer(), nullable=False, server_default=minutes)
        )
    op.add_column("person", sa.Column("rota_order", sa.Integer(), nullable=True))
    op.create_table(
        "absence",
        sa.Column("id", BIG, nullable=False),
        sa.Column("clinic_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.CheckConstraint("first <= last", name="ck_absence_order"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "first", "last", name="uq_absence"),
    )
    op.create_index("ix_absence_clinic_id", "absence", ["clinic_id"])
    op.create_table(
        "rota_change",
        sa.Column("id", BIG, nullable=False),
        sa.Column("clinic_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("part", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("changed_by", BIG, nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("clinic_id", "version", name="uq_rota_change_version"),
    )
    _events(MORE_EVENTS)


def _events(kinds: tuple[str, ...]) -> None:
    """What an alert's history may hold. SQLite's copy of a table leaves the old check behind."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("ck_alert_event_kind", "alert_event", type_="check")
    with op.batch_alter_table("alert_event") as batch_op:
        batch_op.create_check_constraint("ck_alert_event_kind", f"kind IN ({listed})")


def downgrade() -> None:
    op.execute(
        "DELETE FROM alert_event WHERE kind IN"
        " ('asked', 'still_on_it', 'no_one_on_duty', 'absent_paged')"
    )
    _events(EVENTS)
    op.drop_table("rota_change")
    op.drop_index("ix_absence_clinic_id", "absence")
    op.drop_table("absence")
    op.drop_column("person", "rota_order")
    for name in MINUTES:
        op.drop_column("clinic", name)
