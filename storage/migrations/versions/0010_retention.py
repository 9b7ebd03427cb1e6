"""How long a clinic keeps identities, its own words in the consent, and what notes were read as."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    words = sqlmodel.sql.sqltypes.AutoString()
    op.add_column(
        "clinic", sa.Column("retention_months", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("clinic", sa.Column("consent_words", words, nullable=False, server_default=""))
    op.add_column("note", sa.Column("read_as", words, nullable=False, server_default=""))
    op.create_table(
        "consent_text",
        sa.Column("id", big, nullable=False),
        sa.Column("clinic_id", big, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words", words, nullable=False),
        sa.Column("written_by", words, nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("clinic_id", "version", name="uq_consent_text_version"),
    )


def downgrade() -> None:
    op.drop_table("consent_text")
    op.drop_column("note", "read_as")
    op.drop_column("clinic", "consent_words")
    op.drop_column("clinic", "retention_months")
