"""Packages with what is in them, and orders of several appointments."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    for statement in (PACKAGE, SESSION, *COLUMNS):
        op.execute(statement)


PACKAGE = """
    CREATE TABLE package (
        id UUID NOT NULL,
        name JSONB NOT NULL,
        category JSONB NOT NULL,
        summary JSONB NOT NULL,
        items JSONB NOT NULL,
        price_cents BIGINT NOT NULL,
        currency TEXT NOT NULL,
        cover TEXT,
        deposit JSONB NOT NULL,
        policy JSONB NOT NULL,
        schedule JSONB NOT NULL,
        needs_approval BOOLEAN DEFAULT false NOT NULL,
        valid_days INTEGER,
        position INTEGER NOT NULL,
        active BOOLEAN DEFAULT true NOT NULL,
        version INTEGER NOT NULL,
        CONSTRAINT package_pkey PRIMARY KEY (id),
        CONSTRAINT package_price_check CHECK (price_cents >= 0),
        CONSTRAINT package_valid_days_check CHECK (valid_days > 0),
        CONSTRAINT package_items_check CHECK (jsonb_array_length(items) > 0)
    )
"""

SESSION = """
    CREATE TABLE order_session (
        id UUID NOT NULL,
        order_id UUID NOT NULL,
        position INTEGER NOT NULL,
        service_id UUID NOT NULL,
        label JSONB NOT NULL,
        state TEXT NOT NULL,
        booking_id UUID,
        expires_on DATE,
        CONSTRAINT order_session_pkey PRIMARY KEY (id),
        CONSTRAINT order_session_state_check
            CHECK (state IN ('open', 'booked', 'used', 'forfeited', 'void')),
        CONSTRAINT order_session_booking_id_check CHECK (
            CASE state WHEN 'open' THEN booking_id IS NULL WHEN 'void' THEN true
            ELSE booking_id IS NOT NULL END
        ),
        CONSTRAINT order_session_order_id_position_key UNIQUE (order_id, position),
        CONSTRAINT order_session_booking_id_key UNIQUE (booking_id),
        CONSTRAINT order_session_order_id_fkey FOREIGN KEY (order_id) REFERENCES "order" (id),
        CONSTRAINT order_session_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES booking (id)
    )
"""

COLUMNS = (
    """ALTER TABLE "order"
        ADD COLUMN items JSONB DEFAULT '[]'::jsonb NOT NULL,
        ADD COLUMN is_pack BOOLEAN DEFAULT false NOT NULL""",
    """ALTER TABLE booking
        ADD COLUMN also JSONB DEFAULT '[]'::jsonb NOT NULL,
        ADD COLUMN follows BOOLEAN DEFAULT false NOT NULL""",
    """ALTER TABLE service
        ADD COLUMN form_id UUID,
        ADD CONSTRAINT service_form_id_fkey FOREIGN KEY (form_id) REFERENCES form (id)""",
)
