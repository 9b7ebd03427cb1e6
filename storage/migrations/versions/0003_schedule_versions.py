"""The schedule as versions: its steps move into the first one, with the times they had."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# What every clinic had until then.
_REST = {
    "window": ["08:00", "21:00"],
    "reminders": [3, 6],
    "closing": 12,
    "same_clock_time": False,
}


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "schedule_version",
        sa.Column("id", big, nullable=False),
        sa.Column("clinic_id", big, nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("moves", sa.JSON(), nullable=False),
        sa.Column("moved_running", sa.Boolean(), nullable=False),
        sa.Column("made_by", big, nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("applied_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'applied', 'cancelled')", name="ck_schedule_state"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"]),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("clinic_id", "number", name="uq_schedule_number"),
    )
    _carry_over(op.get_bind())
    op.drop_table("schedule_step")


def _carry_over(connection: sa.Connection) -> None:
    moment = sqlmodel.sql.sqltypes.UTCDateTime()
    clinic = sa.table("clinic", sa.column("id"), sa.column("created_at", moment))
    step = sa.table(
        "schedule_step",
        sa.column("clinic_id"),
        sa.column("step"),
        sa.column("hours"),
        sa.column("active", sa.Boolean()),
    )
    version = sa.table(
        "schedule_version",
        sa.column("clinic_id"),
        sa.column("number"),
        sa.column("based_on"),
        sa.column("state"),
        sa.column("body", sa.JSON()),
        sa.column("moves", sa.JSON()),
        sa.column("moved_running", sa.Boolean()),
        sa.column("made_at", moment),
        sa.column("applied_at", moment),
    )
    for clinic_id, created_at in connection.execute(
        sa.select(clinic.c.id, clinic.c.created_at)
    ).all():
        rows = connection.execute(
            sa.select(step.c.step, step.c.hours)
            .where(step.c.clinic_id == clinic_id, step.c.active.is_(True))
            .order_by(step.c.hours)
        )
        steps = [{"id": name, "hours": hours} for name, hours in rows]
        connection.execute(
            version.insert().values(
                clinic_id=clinic_id,
                number=1,
                based_on=0,
                state="applied",
                body={"steps": steps, **_REST},
                moves=[],
                moved_running=False,
                made_at=created_at,
                applied_at=created_at,
            )
        )


def downgrade() -> None:
    raise NotImplementedError("versions would be lost: restore a backup instead")
