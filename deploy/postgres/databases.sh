#!/usr/bin/env bash
# Makes one database and one role per service, each role refused by all other databases.
#
# The image runs it on an empty volume. It may be run again at any time: it makes what is missing
# and sets the passwords to those of the environment (NAME_DATABASE_PASSWORD).
set -euo pipefail

services=(analytics automation booking crm identity notification scheduling)

for service in "${services[@]}"; do
    variable="${service^^}_DATABASE_PASSWORD"
    [[ -n "${!variable:-}" ]] || { echo "$variable is missing" >&2; exit 1; }
done

superuser() {
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
        --username "${POSTGRES_USER:-postgres}" --dbname postgres
}

superuser <<'SQL'
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
SQL

for service in "${services[@]}"; do
    variable="${service^^}_DATABASE_PASSWORD"
    # By the environment: the arguments of a process are for everybody on the machine to read.
    SERVICE="$service" PASSWORD="${!variable}" superuser <<'SQL'
\getenv service SERVICE
\getenv password PASSWORD
SELECT format('CREATE ROLE %I LOGIN', :'service')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service') \gexec
ALTER ROLE :"service" PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'service', :'service')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'service') \gexec
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
\connect :"service"
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
SQL
done
