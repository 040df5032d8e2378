# ruff: noqa: E501  (statements as PostgreSQL shows them)
"""The whole engine: rosters with rules, lines with filters, units, sessions, places, waitlist.

The tables `roster` and `requirement_role` give way to `roster_rule` and `requirement_line`: stop
the processes of the release before, migrate, start this one.
"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _allow_for_time()
    _name_types()
    _widen_studio()
    for statement in NEW_TABLES:
        op.execute(statement)
    _carry_rosters_over()
    _carry_requirements_over()
    _widen_time()


def _allow_for_time() -> None:
    # Rebuilding the exclusion constraint reads every allocation; waiting for a lock must not
    # stop the studio for long.
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("SET LOCAL statement_timeout = '15min'")


def _name_types() -> None:
    op.execute(RESOURCE_TYPE)
    op.execute(
        """
        INSERT INTO resource_type (id, name, kind, position, built_in) VALUES
        ('photographer', '{"zh": "摄影师", "en": "Photographer"}', 'person', 1, true),
        ('makeup_artist', '{"zh": "化妆师", "en": "Make-up artist"}', 'person', 2, true),
        ('assistant', '{"zh": "助理", "en": "Assistant"}', 'person', 3, true),
        ('retoucher', '{"zh": "修片师", "en": "Retoucher"}', 'person', 4, true),
        ('studio_room', '{"zh": "影棚", "en": "Studio room"}', 'space', 5, true),
        ('location', '{"zh": "外景地", "en": "Location"}', 'space', 6, true),
        ('garment', '{"zh": "礼服", "en": "Garment"}', 'thing', 7, true),
        ('prop', '{"zh": "道具", "en": "Prop"}', 'thing', 8, true),
        ('vehicle', '{"zh": "车辆", "en": "Vehicle"}', 'thing', 9, true)
        """
    )


def _widen_studio() -> None:
    op.execute(
        """
        ALTER TABLE branch
            ADD holiday_calendar text,
            ADD open_on_holidays boolean NOT NULL DEFAULT true,
            ADD travel_minutes integer NOT NULL DEFAULT 0,
            ADD CONSTRAINT branch_travel_minutes_check CHECK (travel_minutes BETWEEN 0 AND 720)
        """
    )
    op.execute(
        """
        ALTER TABLE branch_hours
            DROP CONSTRAINT branch_hours_weekday_check,
            ADD CONSTRAINT branch_hours_weekday_check CHECK (weekday BETWEEN 1 AND 9)
        """
    )
    op.execute(
        """
        ALTER TABLE resource
            ADD capacity integer NOT NULL DEFAULT 1,
            ADD attributes jsonb NOT NULL DEFAULT '{}',
            ADD mobile boolean NOT NULL DEFAULT false,
            ADD travel_minutes integer NOT NULL DEFAULT 0,
            ADD CONSTRAINT resource_capacity_check CHECK (capacity BETWEEN 1 AND 200),
            ADD CONSTRAINT resource_travel_minutes_check CHECK (travel_minutes BETWEEN 0 AND 720),
            ADD CONSTRAINT resource_resource_type_fkey
                FOREIGN KEY (resource_type) REFERENCES resource_type (id)
        """
    )
    op.execute(
        """
        ALTER TABLE leave
            ADD state text NOT NULL DEFAULT 'pending',
            ADD requested_by text NOT NULL DEFAULT '',
            ADD requested_at timestamptz NOT NULL DEFAULT now(),
            ADD decided_by text,
            ADD decided_at timestamptz,
            ADD note text NOT NULL DEFAULT '',
            ADD CONSTRAINT leave_state_check
                CHECK (state IN ('pending', 'approved', 'rejected', 'cancelled'))
        """
    )
    # Until now there was no asking: whoever was on leave was away.
    op.execute("UPDATE leave SET state = 'approved'")
    op.execute("CREATE INDEX leave_requested_at_idx ON leave (requested_at, id)")
    op.execute(
        """
        ALTER TABLE requirement
            ADD places integer NOT NULL DEFAULT 1,
            ADD weekdays smallint[],
            ADD waitlist_mode text NOT NULL DEFAULT 'offer',
            ADD waitlist_offer_minutes integer NOT NULL DEFAULT 30,
            ADD CONSTRAINT requirement_places_check CHECK (places BETWEEN 1 AND 200),
            ADD CONSTRAINT requirement_weekdays_check CHECK (
                cardinality(weekdays) > 0
                AND weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7, 8, 9]::smallint[]
            ),
            ADD CONSTRAINT requirement_waitlist_mode_check
                CHECK (waitlist_mode IN ('off', 'offer', 'notify')),
            ADD CONSTRAINT requirement_waitlist_offer_minutes_check
                CHECK (waitlist_offer_minutes > 0)
        """
    )


def _carry_rosters_over() -> None:
    """One rule for each weekday of a resource, at its home branch."""
    op.execute(
        """
        WITH rule AS (
            INSERT INTO roster_rule (id, resource_id, branch_id, state, weekdays)
            SELECT gen_random_uuid(), resource_id, branch_id, 'published', ARRAY[weekday]
            FROM (SELECT DISTINCT resource_id, weekday FROM roster) AS days
            JOIN resource ON resource.id = days.resource_id
            RETURNING id, resource_id, weekdays
        )
        INSERT INTO roster_span (rule_id, opens, closes)
        SELECT rule.id, roster.opens, roster.closes
        FROM rule
        JOIN roster
            ON roster.resource_id = rule.resource_id AND roster.weekday = rule.weekdays[1]
        """
    )
    op.execute("DROP TABLE roster")


def _carry_requirements_over() -> None:
    op.execute(
        """
        INSERT INTO requirement_line (
            service_id, key, position, resource_type, quantity, offset_minutes, length_minutes,
            buffer_before_minutes, buffer_after_minutes
        )
        SELECT
            service_id,
            resource_type,
            row_number() OVER (PARTITION BY service_id ORDER BY offset_minutes, resource_type),
            resource_type, quantity, offset_minutes, length_minutes,
            buffer_before_minutes, buffer_after_minutes
        FROM requirement_role
        """
    )
    op.execute("DROP TABLE requirement_role")


def _widen_time() -> None:
    op.execute(
        """
        ALTER TABLE hold
            ADD options text[] NOT NULL DEFAULT '{}',
            ADD day_part text,
            ADD customer_key text,
            ADD outcome text,
            ADD CONSTRAINT hold_outcome_check CHECK (outcome IN ('served', 'no_show'))
        """
    )
    op.execute(
        """
        CREATE INDEX hold_branch_id_start_at_idx ON hold (branch_id, start_at)
        INCLUDE (service_id, end_at, state, expires_at, customer_key)
        WHERE state IN ('held', 'confirmed')
        """
    )
    op.execute(
        """
        CREATE INDEX hold_service_id_start_at_idx ON hold (service_id, start_at)
        WHERE state IN ('held', 'confirmed')
        """
    )
    op.execute(
        """
        CREATE INDEX hold_customer_key_start_at_idx ON hold (customer_key, start_at)
        WHERE state IN ('held', 'confirmed') AND customer_key IS NOT NULL
        """
    )
    op.execute("DROP INDEX allocation_window_idx")
    op.execute(
        """
        ALTER TABLE allocation
            ADD line text,
            ADD units int4range NOT NULL DEFAULT '[1,)',
            ADD session uuid,
            ADD place_id uuid,
            ADD reach tstzrange,
            ADD forced boolean NOT NULL DEFAULT false,
            ADD reason text NOT NULL DEFAULT '',
            ADD chosen_by text NOT NULL DEFAULT '',
            DROP CONSTRAINT allocation_no_overlap,
            DROP CONSTRAINT allocation_length_check,
            ADD CONSTRAINT allocation_length_check
                CHECK (upper(during) - lower(during) <= interval '384 hours'),
            ADD CONSTRAINT allocation_units_check CHECK (NOT isempty(units) AND lower(units) >= 1),
            ADD CONSTRAINT allocation_reach_check
                CHECK (reach IS NULL OR (reach @> during AND place_id IS NOT NULL)),
            ADD CONSTRAINT allocation_forced_check CHECK (NOT forced OR reason <> ''),
            ADD CONSTRAINT allocation_no_overlap EXCLUDE USING gist
                (resource_id WITH =, during WITH &&, units WITH &&)
                WHERE (state <> 'released' AND NOT forced),
            ADD CONSTRAINT allocation_one_session EXCLUDE USING gist
                (resource_id WITH =, during WITH &&, session WITH <>)
                WHERE (state <> 'released' AND NOT forced AND session IS NOT NULL),
            ADD CONSTRAINT allocation_one_place EXCLUDE USING gist
                (resource_id WITH =, reach WITH &&, place_id WITH <>)
                WHERE (state <> 'released' AND NOT forced AND reach IS NOT NULL)
        """
    )
    op.execute("UPDATE allocation SET line = resource_type WHERE booking_id IS NOT NULL")
    op.execute(
        """
        CREATE INDEX allocation_window_idx ON allocation (resource_id, lower(during))
        INCLUDE (during, units, session, reach, place_id, booking_id, state, expires_at)
        WHERE state <> 'released'
        """
    )


RESOURCE_TYPE = """
CREATE TABLE resource_type (
    id TEXT NOT NULL,
    name JSONB NOT NULL,
    kind TEXT NOT NULL,
    position INTEGER NOT NULL,
    built_in BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT resource_type_pkey PRIMARY KEY (id),
    CONSTRAINT resource_type_kind_check CHECK (kind IN ('person', 'space', 'thing'))
)
"""

NEW_TABLES = (
    """
    CREATE TABLE pool (
        id UUID NOT NULL,
        name JSONB NOT NULL,
        CONSTRAINT pool_pkey PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE skill (
        id TEXT NOT NULL,
        name JSONB NOT NULL,
        CONSTRAINT skill_pkey PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE special_day (
        calendar TEXT NOT NULL,
        day DATE NOT NULL,
        kind TEXT NOT NULL,
        name JSONB NOT NULL,
        edited BOOLEAN DEFAULT false NOT NULL,
        CONSTRAINT special_day_pkey PRIMARY KEY (calendar, day),
        CONSTRAINT special_day_kind_check CHECK (kind IN ('holiday', 'work_day', 'ordinary'))
    )
    """,
    """
    CREATE TABLE branch_day (
        branch_id UUID NOT NULL,
        day DATE NOT NULL,
        opens TIME WITHOUT TIME ZONE NOT NULL,
        closes TIME WITHOUT TIME ZONE NOT NULL,
        reason TEXT NOT NULL,
        CONSTRAINT branch_day_pkey PRIMARY KEY (branch_id, day, opens, closes),
        CONSTRAINT branch_day_branch_id_fkey FOREIGN KEY(branch_id) REFERENCES branch (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE day_part (
        service_id UUID NOT NULL,
        part TEXT NOT NULL,
        opens TIME WITHOUT TIME ZONE NOT NULL,
        closes TIME WITHOUT TIME ZONE NOT NULL,
        CONSTRAINT day_part_pkey PRIMARY KEY (service_id, part),
        CONSTRAINT day_part_span_check CHECK (closes > opens),
        CONSTRAINT day_part_service_id_fkey FOREIGN KEY(service_id) REFERENCES requirement (service_id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE freed_time (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        branch_id UUID NOT NULL,
        during TSTZRANGE NOT NULL,
        CONSTRAINT freed_time_pkey PRIMARY KEY (id),
        CONSTRAINT freed_time_branch_id_fkey FOREIGN KEY(branch_id) REFERENCES branch (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE pool_child (
        pool_id UUID NOT NULL,
        child_id UUID NOT NULL,
        CONSTRAINT pool_child_pkey PRIMARY KEY (pool_id, child_id),
        CONSTRAINT pool_child_child_id_check CHECK (child_id <> pool_id),
        CONSTRAINT pool_child_pool_id_fkey FOREIGN KEY(pool_id) REFERENCES pool (id) ON DELETE CASCADE,
        CONSTRAINT pool_child_child_id_fkey FOREIGN KEY(child_id) REFERENCES pool (id)
    )
    """,
    """
    CREATE TABLE requirement_line (
        service_id UUID NOT NULL,
        key TEXT NOT NULL,
        name JSONB,
        position INTEGER NOT NULL,
        resource_type TEXT NOT NULL,
        quantity INTEGER NOT NULL,
        offset_minutes INTEGER NOT NULL,
        length_minutes INTEGER NOT NULL,
        buffer_before_minutes INTEGER NOT NULL,
        buffer_after_minutes INTEGER NOT NULL,
        whole_days BOOLEAN DEFAULT false NOT NULL,
        optional BOOLEAN DEFAULT false NOT NULL,
        shared BOOLEAN DEFAULT false NOT NULL,
        pool_id UUID,
        skills JSONB DEFAULT '{}' NOT NULL,
        attributes JSONB DEFAULT '{}' NOT NULL,
        CONSTRAINT requirement_line_pkey PRIMARY KEY (service_id, key),
        CONSTRAINT requirement_line_quantity_check CHECK (quantity BETWEEN 1 AND 20),
        CONSTRAINT requirement_line_offset_minutes_check CHECK (offset_minutes BETWEEN -10080 AND 10080),
        CONSTRAINT requirement_line_length_minutes_check CHECK (length_minutes BETWEEN 1 AND 14400),
        CONSTRAINT requirement_line_buffers_check CHECK (buffer_before_minutes BETWEEN 0 AND 480 AND buffer_after_minutes BETWEEN 0 AND 480),
        CONSTRAINT requirement_line_service_id_fkey FOREIGN KEY(service_id) REFERENCES requirement (service_id) ON DELETE CASCADE,
        CONSTRAINT requirement_line_resource_type_fkey FOREIGN KEY(resource_type) REFERENCES resource_type (id),
        CONSTRAINT requirement_line_pool_id_fkey FOREIGN KEY(pool_id) REFERENCES pool (id)
    )
    """,
    """
    CREATE INDEX requirement_line_pool_id_idx ON requirement_line (pool_id)
    """,
    """
    CREATE TABLE waitlist_entry (
        id UUID NOT NULL,
        service_id UUID NOT NULL,
        branch_id UUID NOT NULL,
        days DATERANGE NOT NULL,
        weekdays SMALLINT[],
        earliest TIME WITHOUT TIME ZONE,
        latest TIME WITHOUT TIME ZONE,
        resource_ids UUID[] DEFAULT '{}' NOT NULL,
        options TEXT[] DEFAULT '{}' NOT NULL,
        contact JSONB NOT NULL,
        customer_key TEXT,
        priority INTEGER DEFAULT '0' NOT NULL,
        state TEXT DEFAULT 'waiting' NOT NULL,
        joined_at TIMESTAMP WITH TIME ZONE NOT NULL,
        offers INTEGER DEFAULT '0' NOT NULL,
        offer_booking_id UUID,
        offer_start_at TIMESTAMP WITH TIME ZONE,
        offer_expires_at TIMESTAMP WITH TIME ZONE,
        notified_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT waitlist_entry_pkey PRIMARY KEY (id),
        CONSTRAINT waitlist_entry_state_check CHECK (state IN ('waiting', 'offered', 'accepted', 'expired', 'left')),
        CONSTRAINT waitlist_entry_days_check CHECK (NOT isempty(days) AND lower_inc(days) AND NOT upper_inc(days) AND NOT lower_inf(days) AND NOT upper_inf(days)),
        CONSTRAINT waitlist_entry_offer_check CHECK (state <> 'offered' OR (offer_booking_id IS NOT NULL AND offer_start_at IS NOT NULL AND offer_expires_at IS NOT NULL)),
        CONSTRAINT waitlist_entry_offer_booking_id_key UNIQUE (offer_booking_id),
        CONSTRAINT waitlist_entry_service_id_fkey FOREIGN KEY(service_id) REFERENCES requirement (service_id),
        CONSTRAINT waitlist_entry_branch_id_fkey FOREIGN KEY(branch_id) REFERENCES branch (id)
    )
    """,
    """
    CREATE INDEX waitlist_entry_days_idx ON waitlist_entry (upper(days)) WHERE state = 'waiting'
    """,
    """
    CREATE INDEX waitlist_entry_joined_at_idx ON waitlist_entry (joined_at, id)
    """,
    """
    CREATE INDEX waitlist_entry_offer_expires_at_idx ON waitlist_entry (offer_expires_at) WHERE state = 'offered'
    """,
    """
    CREATE INDEX waitlist_entry_waiting_idx ON waitlist_entry (branch_id, service_id) WHERE state = 'waiting'
    """,
    """
    CREATE TABLE busy_feed (
        id UUID NOT NULL,
        resource_id UUID NOT NULL,
        url TEXT NOT NULL,
        due_at TIMESTAMP WITH TIME ZONE NOT NULL,
        fetched_at TIMESTAMP WITH TIME ZONE,
        error TEXT DEFAULT '' NOT NULL,
        etag TEXT DEFAULT '' NOT NULL,
        failures INTEGER DEFAULT 0 NOT NULL,
        CONSTRAINT busy_feed_pkey PRIMARY KEY (id),
        CONSTRAINT busy_feed_resource_id_fkey FOREIGN KEY(resource_id) REFERENCES resource (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE INDEX busy_feed_due_at_idx ON busy_feed (due_at)
    """,
    """
    CREATE INDEX busy_feed_resource_id_idx ON busy_feed (resource_id)
    """,
    """
    CREATE TABLE calendar_link (
        id UUID NOT NULL,
        branch_id UUID,
        resource_id UUID,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        revoked_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT calendar_link_pkey PRIMARY KEY (id),
        CONSTRAINT calendar_link_target_check CHECK ((branch_id IS NULL) <> (resource_id IS NULL)),
        CONSTRAINT calendar_link_branch_id_fkey FOREIGN KEY(branch_id) REFERENCES branch (id) ON DELETE CASCADE,
        CONSTRAINT calendar_link_resource_id_fkey FOREIGN KEY(resource_id) REFERENCES resource (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE UNIQUE INDEX calendar_link_branch_id_idx ON calendar_link (branch_id) WHERE revoked_at IS NULL
    """,
    """
    CREATE UNIQUE INDEX calendar_link_resource_id_idx ON calendar_link (resource_id) WHERE revoked_at IS NULL
    """,
    """
    CREATE TABLE pool_member (
        pool_id UUID NOT NULL,
        resource_id UUID NOT NULL,
        CONSTRAINT pool_member_pkey PRIMARY KEY (pool_id, resource_id),
        CONSTRAINT pool_member_pool_id_fkey FOREIGN KEY(pool_id) REFERENCES pool (id) ON DELETE CASCADE,
        CONSTRAINT pool_member_resource_id_fkey FOREIGN KEY(resource_id) REFERENCES resource (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE pool_resource (
        pool_id UUID NOT NULL,
        resource_id UUID NOT NULL,
        CONSTRAINT pool_resource_pkey PRIMARY KEY (pool_id, resource_id),
        CONSTRAINT pool_resource_pool_id_fkey FOREIGN KEY(pool_id) REFERENCES pool (id) ON DELETE CASCADE,
        CONSTRAINT pool_resource_resource_id_fkey FOREIGN KEY(resource_id) REFERENCES resource (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE quota (
        id UUID NOT NULL,
        per TEXT NOT NULL,
        unit TEXT NOT NULL,
        period TEXT NOT NULL,
        maximum INTEGER NOT NULL,
        weekdays SMALLINT[],
        resource_id UUID,
        resource_type TEXT,
        service_id UUID,
        branch_id UUID,
        CONSTRAINT quota_pkey PRIMARY KEY (id),
        CONSTRAINT quota_per_check CHECK (per IN ('resource', 'service', 'branch', 'customer')),
        CONSTRAINT quota_unit_check CHECK (unit IN ('count', 'minutes')),
        CONSTRAINT quota_period_check CHECK (period IN ('day', 'week', 'month')),
        CONSTRAINT quota_maximum_check CHECK (maximum >= 0),
        CONSTRAINT quota_weekdays_check CHECK (weekdays IS NULL OR (cardinality(weekdays) > 0 AND weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7, 8, 9]::smallint[] AND period = 'day')),
        CONSTRAINT quota_resource_check CHECK (per = 'resource' OR (resource_id IS NULL AND resource_type IS NULL)),
        CONSTRAINT quota_resource_id_fkey FOREIGN KEY(resource_id) REFERENCES resource (id) ON DELETE CASCADE,
        CONSTRAINT quota_resource_type_fkey FOREIGN KEY(resource_type) REFERENCES resource_type (id),
        CONSTRAINT quota_service_id_fkey FOREIGN KEY(service_id) REFERENCES requirement (service_id) ON DELETE CASCADE,
        CONSTRAINT quota_branch_id_fkey FOREIGN KEY(branch_id) REFERENCES branch (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE resource_skill (
        resource_id UUID NOT NULL,
        skill_id TEXT NOT NULL,
        level SMALLINT NOT NULL,
        CONSTRAINT resource_skill_pkey PRIMARY KEY (resource_id, skill_id),
        CONSTRAINT resource_skill_level_check CHECK (level BETWEEN 1 AND 5),
        CONSTRAINT resource_skill_resource_id_fkey FOREIGN KEY(resource_id) REFERENCES resource (id) ON DELETE CASCADE,
        CONSTRAINT resource_skill_skill_id_fkey FOREIGN KEY(skill_id) REFERENCES skill (id)
    )
    """,
    """
    CREATE TABLE roster_rule (
        id UUID NOT NULL,
        resource_id UUID NOT NULL,
        branch_id UUID NOT NULL,
        state TEXT NOT NULL,
        priority INTEGER DEFAULT '0' NOT NULL,
        extra BOOLEAN DEFAULT false NOT NULL,
        weekdays SMALLINT[] NOT NULL,
        days DATERANGE DEFAULT '(,)' NOT NULL,
        cycle_weeks SMALLINT DEFAULT '1' NOT NULL,
        cycle_week SMALLINT DEFAULT '0' NOT NULL,
        cycle_from DATE DEFAULT '2000-01-03' NOT NULL,
        CONSTRAINT roster_rule_pkey PRIMARY KEY (id),
        CONSTRAINT roster_rule_state_check CHECK (state IN ('draft', 'published')),
        CONSTRAINT roster_rule_weekdays_check CHECK (cardinality(weekdays) > 0 AND weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7, 8, 9]::smallint[]),
        CONSTRAINT roster_rule_days_check CHECK (NOT isempty(days)),
        CONSTRAINT roster_rule_cycle_check CHECK (cycle_weeks BETWEEN 1 AND 52 AND cycle_week >= 0 AND cycle_week < cycle_weeks),
        CONSTRAINT roster_rule_resource_id_fkey FOREIGN KEY(resource_id) REFERENCES resource (id) ON DELETE CASCADE,
        CONSTRAINT roster_rule_branch_id_fkey FOREIGN KEY(branch_id) REFERENCES branch (id)
    )
    """,
    """
    CREATE INDEX roster_rule_branch_id_idx ON roster_rule (branch_id, state)
    """,
    """
    CREATE INDEX roster_rule_resource_id_idx ON roster_rule (resource_id, state)
    """,
    """
    CREATE TABLE utilisation_day (
        branch_id UUID NOT NULL,
        day DATE NOT NULL,
        resource_id UUID NOT NULL,
        ended BOOLEAN NOT NULL,
        rostered_minutes INTEGER NOT NULL,
        allocated_minutes INTEGER NOT NULL,
        served_minutes INTEGER NOT NULL,
        idle_minutes INTEGER NOT NULL,
        measured_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT utilisation_day_pkey PRIMARY KEY (branch_id, day, resource_id),
        CONSTRAINT utilisation_day_branch_id_fkey FOREIGN KEY(branch_id) REFERENCES branch (id) ON DELETE CASCADE,
        CONSTRAINT utilisation_day_resource_id_fkey FOREIGN KEY(resource_id) REFERENCES resource (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE busy_time (
        id UUID NOT NULL,
        feed_id UUID NOT NULL,
        resource_id UUID NOT NULL,
        during TSTZRANGE NOT NULL,
        CONSTRAINT busy_time_pkey PRIMARY KEY (id),
        CONSTRAINT busy_time_during_check CHECK (NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during) AND NOT lower_inf(during) AND NOT upper_inf(during)),
        CONSTRAINT busy_time_feed_id_fkey FOREIGN KEY(feed_id) REFERENCES busy_feed (id) ON DELETE CASCADE,
        CONSTRAINT busy_time_resource_id_fkey FOREIGN KEY(resource_id) REFERENCES resource (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE INDEX busy_time_feed_id_idx ON busy_time (feed_id)
    """,
    """
    CREATE INDEX busy_time_resource_id_during_idx ON busy_time USING gist (resource_id, during)
    """,
    """
    CREATE TABLE roster_span (
        rule_id UUID NOT NULL,
        kind TEXT DEFAULT 'work' NOT NULL,
        opens TIME WITHOUT TIME ZONE NOT NULL,
        closes TIME WITHOUT TIME ZONE NOT NULL,
        CONSTRAINT roster_span_pkey PRIMARY KEY (rule_id, kind, opens, closes),
        CONSTRAINT roster_span_kind_check CHECK (kind IN ('work', 'break')),
        CONSTRAINT roster_span_rule_id_fkey FOREIGN KEY(rule_id) REFERENCES roster_rule (id) ON DELETE CASCADE
    )
    """,
)
