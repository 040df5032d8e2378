"""Member levels, coupons, stored value and points."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    for statement in (LEVELS, *COUPONS, *ACCOUNTS):
        op.execute(statement)


LEVELS = """
    CREATE TABLE member_level (
        id UUID NOT NULL,
        name JSONB NOT NULL,
        discount_basis_points INTEGER NOT NULL,
        points_per_hundred INTEGER NOT NULL,
        active BOOLEAN NOT NULL,
        CONSTRAINT member_level_pkey PRIMARY KEY (id),
        CONSTRAINT member_level_discount_check CHECK (discount_basis_points BETWEEN 0 AND 10000),
        CONSTRAINT member_level_points_check CHECK (points_per_hundred >= 0)
    )
"""

COUPONS = (
    """
    CREATE TABLE coupon (
        id UUID NOT NULL,
        code TEXT NOT NULL,
        label JSONB NOT NULL,
        amount_cents BIGINT,
        basis_points INTEGER,
        minimum_cents BIGINT NOT NULL,
        service_ids UUID[] NOT NULL,
        valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
        valid_to TIMESTAMP WITH TIME ZONE NOT NULL,
        stock INTEGER,
        per_customer INTEGER,
        taken INTEGER DEFAULT 0 NOT NULL,
        active BOOLEAN NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT coupon_pkey PRIMARY KEY (id),
        CONSTRAINT coupon_code_key UNIQUE (code),
        CONSTRAINT coupon_worth_check CHECK ((amount_cents IS NULL) <> (basis_points IS NULL)),
        CONSTRAINT coupon_amount_check CHECK (amount_cents > 0),
        CONSTRAINT coupon_basis_points_check CHECK (basis_points BETWEEN 1 AND 10000),
        CONSTRAINT coupon_validity_check CHECK (valid_from < valid_to),
        CONSTRAINT coupon_taken_check CHECK (taken >= 0)
    )
    """,
    "CREATE INDEX coupon_created_at_id_idx ON coupon (created_at, id)",
    """
    CREATE TABLE coupon_use (
        booking_id UUID NOT NULL,
        coupon_id UUID NOT NULL,
        phone TEXT NOT NULL,
        state TEXT NOT NULL,
        reserved_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT coupon_use_pkey PRIMARY KEY (booking_id),
        CONSTRAINT coupon_use_state_check CHECK (state IN ('reserved', 'used', 'returned')),
        CONSTRAINT coupon_use_coupon_id_fkey FOREIGN KEY (coupon_id) REFERENCES coupon (id)
    )
    """,
    "CREATE INDEX coupon_use_coupon_id_phone_idx ON coupon_use (coupon_id, phone)",
    "CREATE INDEX coupon_use_reserved_idx ON coupon_use (reserved_at) WHERE state = 'reserved'",
)

ACCOUNTS = (
    """
    ALTER TABLE customer
        ADD COLUMN level_id UUID,
        ADD COLUMN stored_value_cents BIGINT DEFAULT 0 NOT NULL,
        ADD COLUMN points BIGINT DEFAULT 0 NOT NULL,
        ADD CONSTRAINT customer_level_id_fkey
            FOREIGN KEY (level_id) REFERENCES member_level (id),
        ADD CONSTRAINT customer_stored_value_check CHECK (stored_value_cents >= 0),
        ADD CONSTRAINT customer_points_check CHECK (points >= 0)
    """,
    """
    CREATE TABLE account_entry (
        id UUID NOT NULL,
        customer_id UUID NOT NULL,
        account TEXT NOT NULL,
        kind TEXT NOT NULL,
        amount BIGINT NOT NULL,
        cents BIGINT,
        key TEXT NOT NULL,
        payment_id UUID,
        booking_id UUID,
        staff_id UUID,
        note TEXT DEFAULT '' NOT NULL,
        entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT account_entry_pkey PRIMARY KEY (id),
        CONSTRAINT account_entry_key_key UNIQUE (key),
        CONSTRAINT account_entry_account_check CHECK (account IN ('stored_value', 'points')),
        CONSTRAINT account_entry_kind_check
            CHECK (kind IN ('top_up', 'gift', 'spend', 'return', 'adjust', 'earn')),
        CONSTRAINT account_entry_sign_check CHECK (
            CASE kind WHEN 'spend' THEN amount < 0 WHEN 'adjust' THEN amount <> 0
            WHEN 'return' THEN amount >= 0 ELSE amount > 0 END
        ),
        CONSTRAINT account_entry_payment_check CHECK (
            (kind IN ('spend', 'return')) = (payment_id IS NOT NULL AND cents IS NOT NULL)
        ),
        CONSTRAINT account_entry_customer_id_fkey
            FOREIGN KEY (customer_id) REFERENCES customer (id)
    )
    """,
    """
    CREATE INDEX account_entry_customer_id_entered_at_id_idx
        ON account_entry (customer_id, entered_at, id)
    """,
    "CREATE INDEX account_entry_payment_id_idx ON account_entry (payment_id)",
    "CREATE INDEX account_entry_booking_id_idx ON account_entry (booking_id)",
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER account_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON account_entry
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    "ALTER TABLE timeline_entry ALTER COLUMN booking_id DROP NOT NULL",
)
