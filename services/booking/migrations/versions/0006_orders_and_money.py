# ruff: noqa: E501  (statements as PostgreSQL shows them)
"""Orders: one deal with its lines, its terms and its account; refunds of a part; add-ons, price
rules, versions of what is sold, and the cash desk.

Every booking made so far becomes the only booking of an order of the same id; payments that went
back become refunds. Stop the processes of the release before, migrate, start this one.
"""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("SET LOCAL statement_timeout = '15min'")
    for statement in (*NEW_TABLES, *CATALOGUE, *ORDERS, *PAYMENTS, *LEDGER):
        op.execute(statement)


NEW_TABLES = (
    "CREATE SEQUENCE order_number_seq",
    """
    CREATE TABLE "order" (
        id UUID NOT NULL,
        number TEXT NOT NULL,
        branch_id UUID NOT NULL,
        timezone TEXT NOT NULL,
        title JSONB NOT NULL,
        contact_name TEXT NOT NULL,
        contact_phone TEXT NOT NULL,
        currency TEXT NOT NULL,
        deposit_cents BIGINT NOT NULL,
        deposit_money TEXT NOT NULL,
        policy JSONB NOT NULL,
        schedule JSONB NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT order_pkey PRIMARY KEY (id),
        CONSTRAINT order_deposit_check CHECK (deposit_cents >= 0),
        CONSTRAINT order_deposit_money_check CHECK (deposit_money IN ('earnest', 'advance')),
        CONSTRAINT order_number_key UNIQUE (number)
    )
    """,
    """
    CREATE TABLE order_line (
        id UUID NOT NULL,
        order_id UUID NOT NULL,
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,
        reference_id UUID,
        version INTEGER,
        label JSONB NOT NULL,
        quantity INTEGER NOT NULL,
        unit_cents BIGINT NOT NULL,
        taken BOOLEAN DEFAULT false NOT NULL,
        added_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT order_line_pkey PRIMARY KEY (id),
        CONSTRAINT order_line_kind_check CHECK (kind IN ('service', 'package', 'add_on', 'adjustment', 'extra', 'product', 'fee', 'discount')),
        CONSTRAINT order_line_quantity_check CHECK (quantity > 0),
        CONSTRAINT order_line_order_id_fkey FOREIGN KEY(order_id) REFERENCES "order" (id)
    )
    """,
    """
    CREATE INDEX order_line_order_id_position_idx ON order_line (order_id, position)
    """,
    """
    CREATE TABLE refund (
        id UUID NOT NULL,
        payment_id UUID NOT NULL,
        amount_cents BIGINT NOT NULL,
        reason TEXT NOT NULL,
        state TEXT NOT NULL,
        provider_reference TEXT,
        requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
        checked_at TIMESTAMP WITH TIME ZONE,
        settled_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT refund_pkey PRIMARY KEY (id),
        CONSTRAINT refund_amount_check CHECK (amount_cents > 0),
        CONSTRAINT refund_state_check CHECK (state IN ('pending', 'succeeded', 'failed')),
        CONSTRAINT refund_settled_at_check CHECK ((state = 'pending') = (settled_at IS NULL)),
        CONSTRAINT refund_payment_id_fkey FOREIGN KEY(payment_id) REFERENCES payment (id)
    )
    """,
    """
    CREATE INDEX refund_payment_id_idx ON refund (payment_id)
    """,
    """
    CREATE TABLE cash_close (
        branch_id UUID NOT NULL,
        day DATE NOT NULL,
        currency TEXT NOT NULL,
        expected_cents BIGINT NOT NULL,
        counted_cents BIGINT NOT NULL,
        totals JSONB NOT NULL,
        note TEXT NOT NULL,
        closed_by UUID NOT NULL,
        closed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT cash_close_pkey PRIMARY KEY (branch_id, day, currency)
    )
    """,
    """
    CREATE TABLE catalogue_version (
        item_id UUID NOT NULL,
        version INTEGER NOT NULL,
        deal JSONB NOT NULL,
        since TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT catalogue_version_pkey PRIMARY KEY (item_id, version)
    )
    """,
    """
    CREATE TABLE add_on (
        id UUID NOT NULL,
        name JSONB NOT NULL,
        summary JSONB,
        price_cents BIGINT NOT NULL,
        currency TEXT NOT NULL,
        stock INTEGER,
        taken INTEGER DEFAULT '0' NOT NULL,
        max_quantity INTEGER NOT NULL,
        service_ids UUID[] NOT NULL,
        position INTEGER NOT NULL,
        active BOOLEAN DEFAULT true NOT NULL,
        version INTEGER NOT NULL,
        CONSTRAINT add_on_pkey PRIMARY KEY (id),
        CONSTRAINT add_on_price_check CHECK (price_cents >= 0),
        CONSTRAINT add_on_stock_check CHECK (taken >= 0 AND taken <= coalesce(stock, taken)),
        CONSTRAINT add_on_max_quantity_check CHECK (max_quantity > 0)
    )
    """,
    """
    CREATE TABLE price_rule (
        id UUID NOT NULL,
        label JSONB NOT NULL,
        effect TEXT NOT NULL,
        value BIGINT NOT NULL,
        match JSONB NOT NULL,
        priority INTEGER NOT NULL,
        exclusive BOOLEAN NOT NULL,
        active BOOLEAN DEFAULT true NOT NULL,
        CONSTRAINT price_rule_pkey PRIMARY KEY (id),
        CONSTRAINT price_rule_effect_check CHECK (effect IN ('set', 'add', 'percent'))
    )
    """,
    "CREATE TRIGGER catalogue_version_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON catalogue_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER cash_close_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cash_close FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)

CATALOGUE = (
    """
    ALTER TABLE service
        ADD COLUMN version integer NOT NULL DEFAULT 1,
        ADD COLUMN deposit jsonb NOT NULL DEFAULT '{"kind": "none", "value": 0, "due": "booking", "money": "advance"}',
        ADD COLUMN policy jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN schedule jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN needs_approval boolean NOT NULL DEFAULT false,
        ADD CONSTRAINT service_price_check CHECK (price_cents >= 0)
    """,
    """
    UPDATE service SET deposit = jsonb_build_object(
        'kind', CASE deposit_cents WHEN 0 THEN 'none' WHEN price_cents THEN 'full' ELSE 'fixed' END,
        'value', deposit_cents, 'due', 'booking', 'money', 'advance'
    )
    """,
    "ALTER TABLE service DROP COLUMN deposit_cents",
    """
    ALTER TABLE service
        ALTER COLUMN version DROP DEFAULT,
        ALTER COLUMN deposit DROP DEFAULT,
        ALTER COLUMN policy DROP DEFAULT,
        ALTER COLUMN schedule DROP DEFAULT
    """,
    """
    INSERT INTO catalogue_version (item_id, version, deal)
    SELECT id, 1, jsonb_build_object(
        'name', name, 'summary', summary, 'content', content, 'price_cents', price_cents,
        'currency', currency, 'deposit', deposit, 'policy', policy, 'schedule', schedule
    )
    FROM service
    """,
)

ORDERS = (
    """
    INSERT INTO "order" (
        id, number, branch_id, timezone, title, contact_name, contact_phone, currency,
        deposit_cents, deposit_money, policy, schedule, created_at
    )
    SELECT
        id, replace(number, 'YQ', 'OD'), branch_id, timezone, service_name, contact_name,
        contact_phone, currency, deposit_cents, 'advance', '[]', '[]', requested_at
    FROM booking
    """,
    """
    INSERT INTO order_line (
        id, order_id, position, kind, reference_id, version, label, quantity, unit_cents, added_at
    )
    SELECT id, id, 0, 'service', service_id, 1, service_name, 1, price_cents, requested_at
    FROM booking
    """,
    "SELECT setval('order_number_seq', greatest((SELECT last_value FROM booking_number_seq), 1))",
    """
    ALTER TABLE booking
        ADD COLUMN order_id uuid,
        ADD COLUMN service_version integer NOT NULL DEFAULT 1,
        ADD COLUMN needs_approval boolean NOT NULL DEFAULT false,
        ADD COLUMN in_conflict boolean NOT NULL DEFAULT false,
        ADD COLUMN moves_used integer NOT NULL DEFAULT 0,
        ADD COLUMN counted_revision integer NOT NULL DEFAULT 0
    """,
    "UPDATE booking SET order_id = id, moves_used = reschedule_count",
    """
    ALTER TABLE booking
        ALTER COLUMN order_id SET NOT NULL,
        ALTER COLUMN service_version DROP DEFAULT,
        ALTER COLUMN needs_approval DROP DEFAULT,
        ALTER COLUMN in_conflict DROP DEFAULT,
        ALTER COLUMN moves_used DROP DEFAULT,
        ALTER COLUMN counted_revision DROP DEFAULT,
        ADD CONSTRAINT booking_order_id_fkey FOREIGN KEY (order_id) REFERENCES "order" (id),
        DROP CONSTRAINT booking_deposit_check,
        DROP COLUMN price_cents,
        DROP COLUMN deposit_cents,
        DROP COLUMN currency
    """,
    "CREATE INDEX booking_order_id_idx ON booking (order_id)",
)

PAYMENTS = (
    """
    ALTER TABLE payment
        ADD COLUMN order_id uuid,
        ADD COLUMN method text,
        ADD COLUMN received_cents bigint,
        ADD COLUMN refunded_cents bigint NOT NULL DEFAULT 0,
        ADD COLUMN scene text,
        ADD COLUMN openid text,
        ADD COLUMN checked_at timestamptz,
        ADD COLUMN note text NOT NULL DEFAULT '',
        ADD COLUMN taken_by uuid,
        DROP CONSTRAINT payment_kind_check,
        DROP CONSTRAINT payment_state_check,
        DROP CONSTRAINT payment_paid_at_check
    """,
    """
    INSERT INTO refund (
        id, payment_id, amount_cents, reason, state, provider_reference, requested_at, settled_at
    )
    SELECT
        id, id, amount_cents, CASE WHEN late THEN 'late' ELSE 'cancelled' END,
        CASE state WHEN 'refunded' THEN 'succeeded' ELSE 'pending' END, NULL, paid_at,
        CASE state WHEN 'refunded' THEN paid_at END
    FROM payment
    WHERE state IN ('refunding', 'refunded')
    """,
    """
    UPDATE payment SET
        order_id = booking_id,
        received_cents = CASE WHEN paid_at IS NOT NULL THEN amount_cents END,
        refunded_cents = CASE WHEN state IN ('refunding', 'refunded') THEN amount_cents ELSE 0 END,
        state = CASE WHEN paid_at IS NOT NULL THEN 'succeeded' ELSE state END
    """,
    """
    ALTER TABLE payment
        ALTER COLUMN order_id SET NOT NULL,
        ADD CONSTRAINT payment_order_id_fkey FOREIGN KEY (order_id) REFERENCES "order" (id),
        ADD CONSTRAINT payment_kind_check CHECK (kind IN ('deposit', 'balance', 'extra', 'product')),
        ADD CONSTRAINT payment_state_check CHECK (state IN ('pending', 'succeeded', 'failed')),
        ADD CONSTRAINT payment_paid_at_check CHECK (
            (state = 'succeeded') = (paid_at IS NOT NULL AND received_cents IS NOT NULL)
        ),
        ADD CONSTRAINT payment_refunded_check CHECK (
            refunded_cents BETWEEN 0 AND coalesce(received_cents, 0)
        ),
        ADD CONSTRAINT payment_method_check CHECK (
            method IS NULL
            OR method IN ('cash', 'card', 'transfer', 'wechat', 'alipay', 'other')
        )
    """,
    "CREATE INDEX payment_order_id_idx ON payment (order_id)",
    "CREATE INDEX payment_paid_at_idx ON payment (paid_at)",
    "CREATE INDEX refund_settled_at_idx ON refund (settled_at)",
    "CREATE INDEX payment_pending_idx ON payment (created_at) WHERE state = 'pending'",
    "CREATE INDEX refund_pending_idx ON refund (requested_at) WHERE state = 'pending'",
)

LEDGER = (
    "DROP TRIGGER ledger_entry_append_only ON ledger_entry",
    """
    ALTER TABLE ledger_entry
        ADD COLUMN refund_id uuid,
        DROP CONSTRAINT ledger_entry_sign_check,
        DROP CONSTRAINT ledger_entry_payment_check,
        DROP CONSTRAINT ledger_entry_payment_id_kind_key,
        DROP CONSTRAINT ledger_entry_booking_id_fkey
    """,
    "ALTER INDEX ledger_entry_booking_id_idx RENAME TO ledger_entry_order_id_idx",
    "ALTER TABLE ledger_entry RENAME COLUMN booking_id TO order_id",
    "UPDATE ledger_entry SET refund_id = payment_id, payment_id = NULL WHERE kind = 'refund'",
    """
    ALTER TABLE ledger_entry
        ADD CONSTRAINT ledger_entry_order_id_fkey FOREIGN KEY (order_id) REFERENCES "order" (id),
        ADD CONSTRAINT ledger_entry_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES refund (id),
        ADD CONSTRAINT ledger_entry_payment_id_key UNIQUE (payment_id),
        ADD CONSTRAINT ledger_entry_refund_id_key UNIQUE (refund_id),
        ADD CONSTRAINT ledger_entry_sign_check CHECK (
            CASE kind WHEN 'charge' THEN amount_cents >= 0 WHEN 'discount' THEN amount_cents <= 0
            WHEN 'payment' THEN amount_cents < 0 WHEN 'refund' THEN amount_cents > 0
            ELSE kind = 'adjustment' END
        ),
        ADD CONSTRAINT ledger_entry_payment_check CHECK ((kind = 'payment') = (payment_id IS NOT NULL)),
        ADD CONSTRAINT ledger_entry_refund_check CHECK ((kind = 'refund') = (refund_id IS NOT NULL))
    """,
    "CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)
