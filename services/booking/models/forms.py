"""Forms: drafts, published versions, links and their counts, submissions, rows of data tables."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base, Json
from services.contracts.forms import KINDS, STEPS
from services.contracts.submissions import STATUSES


class Form(Base):
    """A form as its designer left it; customers see its published version.

    `revision` counts the saved drafts. A form of the kind `table` is a data table; if it is
    `public`, forms that customers fill in may offer its rows.
    """

    __tablename__ = "form"
    __table_args__ = (
        sa.CheckConstraint(sa.column("kind").in_(KINDS), name="kind"),
        sa.CheckConstraint("revision > 0", name="revision"),
        sa.CheckConstraint("kind = 'table' OR NOT public", name="public"),
        # Each table refers to the other: a form has versions, and one of them is published.
        sa.ForeignKeyConstraint(
            ["id", "published_version"],
            ["form_version.form_id", "form_version.number"],
            name="form_published_version_fkey",
            use_alter=True,
        ),
        sa.Index("form_created_at_id_idx", "created_at", "id"),
        sa.Index("form_kind_created_at_id_idx", "kind", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[Json]
    definition: Mapped[Json]
    revision: Mapped[int]
    published_version: Mapped[int | None]
    active: Mapped[bool]
    public: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class FormVersion(Base):
    """What was published once; a trigger refuses to change or delete it.

    `revision` is the draft that it was made of; each is published at most once.
    """

    __tablename__ = "form_version"
    __table_args__ = (
        sa.CheckConstraint("number > 0", name="number"),
        sa.UniqueConstraint("form_id", "revision"),
    )

    form_id: Mapped[UUID] = mapped_column(sa.ForeignKey("form.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int]
    name: Mapped[Json]
    definition: Mapped[Json]
    published_at: Mapped[datetime]


class FormLink(Base):
    """One address of a form: its code tells the channels apart, and the branches that put it up."""

    __tablename__ = "form_link"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    form_id: Mapped[UUID] = mapped_column(sa.ForeignKey("form.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    channel: Mapped[str]
    branch_id: Mapped[UUID | None]
    expires_at: Mapped[datetime | None]
    disabled: Mapped[bool]
    created_at: Mapped[datetime]


class FormCount(Base):
    """How often a form was seen, begun and sent through one link on one day of the studio."""

    __tablename__ = "form_count"
    __table_args__ = (
        sa.CheckConstraint("views >= 0 AND starts >= 0 AND submits >= 0", name="counts"),
        sa.Index("form_count_form_id_day_idx", "form_id", "day"),
    )

    link_id: Mapped[UUID] = mapped_column(sa.ForeignKey("form_link.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    form_id: Mapped[UUID] = mapped_column(sa.ForeignKey("form.id"))
    views: Mapped[int] = mapped_column(default=0)
    starts: Mapped[int] = mapped_column(default=0)
    submits: Mapped[int] = mapped_column(default=0)


class FormVisit(Base):
    """A visitor who was counted already on this day; `visitor` is a digest that names nobody."""

    __tablename__ = "form_visit"
    __table_args__ = (
        sa.CheckConstraint(sa.column("step").in_(STEPS), name="step"),
        sa.Index("form_visit_day_idx", "day"),
    )

    link_id: Mapped[UUID] = mapped_column(sa.ForeignKey("form_link.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    visitor: Mapped[str] = mapped_column(primary_key=True)


class Submission(Base):
    """What somebody sent, under the version of the form that they saw.

    `booking_id` is set when a survey was sent to one booking, which answers it once. `branch_id` is
    the branch that it is about, null for one that is about none or several. `labels` says what the
    chosen resources and rows were called then, {id: {zh, en}}.
    """

    __tablename__ = "submission"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["form_id", "version"],
            ["form_version.form_id", "form_version.number"],
            name="submission_version_fkey",
        ),
        sa.CheckConstraint(sa.column("status").in_(STATUSES), name="status"),
        sa.UniqueConstraint("booking_id", "form_id"),
        sa.Index("submission_form_id_submitted_at_id_idx", "form_id", "submitted_at", "id"),
        sa.Index(
            "submission_form_id_branch_id_submitted_at_id_idx",
            "form_id",
            "branch_id",
            "submitted_at",
            "id",
        ),
        sa.Index("submission_form_id_version_idx", "form_id", "version"),
        sa.Index(
            "submission_form_id_status_submitted_at_id_idx",
            "form_id",
            "status",
            "submitted_at",
            "id",
        ),
        sa.Index(
            "submission_answers_idx",
            "answers",
            postgresql_using="gin",
            postgresql_ops={"answers": "jsonb_path_ops"},
        ),
        sa.Index("submission_search_terms_idx", "search_terms", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    form_id: Mapped[UUID]
    version: Mapped[int]
    link_id: Mapped[UUID] = mapped_column(sa.ForeignKey("form_link.id"))
    channel: Mapped[str]
    booking_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("booking.id"))
    branch_id: Mapped[UUID | None]
    contact_name: Mapped[str | None]
    contact_phone: Mapped[str | None]
    answers: Mapped[Json]
    labels: Mapped[Json]
    status: Mapped[str]
    search_text: Mapped[str]
    search_terms: Mapped[list[str]]
    submitted_at: Mapped[datetime]


class TableRow(Base):
    """One row of a data table; a deleted one is kept, so that it can be brought back.

    `version` is that of the table's definition, `revision` counts the changes of the row. `labels`
    as in a submission.
    """

    __tablename__ = "table_row"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["form_id", "version"],
            ["form_version.form_id", "form_version.number"],
            name="table_row_version_fkey",
        ),
        sa.CheckConstraint("revision > 0", name="revision"),
        sa.Index("table_row_form_id_created_at_id_idx", "form_id", "created_at", "id"),
        sa.Index(
            "table_row_deleted_idx",
            "form_id",
            "created_at",
            "id",
            postgresql_where=sa.text("deleted_at IS NOT NULL"),
        ),
        sa.Index(
            "table_row_answers_idx",
            "answers",
            postgresql_using="gin",
            postgresql_ops={"answers": "jsonb_path_ops"},
        ),
        sa.Index("table_row_search_terms_idx", "search_terms", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    form_id: Mapped[UUID]
    version: Mapped[int]
    revision: Mapped[int]
    answers: Mapped[Json]
    labels: Mapped[Json]
    search_text: Mapped[str]
    search_terms: Mapped[list[str]]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
