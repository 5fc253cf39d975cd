-- The service's role in the database, with no more than its statements need: it reads and writes rows, and makes no tables. Run by the
-- database's administrator, by scripts/azure/database; may be repeated. psql puts the variables in:
--   identity      name of the service's identity, which is the role's name too
--   principal_id  its object id
--   database      the database
--   administrator the role that migrates, whose tables these are

\set ON_ERROR_STOP on

-- The functions for principals of Entra are in this database only.
\connect postgres
SELECT pgaadauth_create_principal_with_oid(:'identity', :'principal_id', 'service', false, false)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'identity');

\connect :"database"
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"identity";
GRANT USAGE ON SCHEMA public TO :"identity";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"identity";
ALTER DEFAULT PRIVILEGES FOR ROLE :"administrator" IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"identity";
-- The schema's version: read at each start, written by migrations only. It is not there before the first of them.
SELECT format('REVOKE INSERT, UPDATE, DELETE ON _sqlx_migrations FROM %I', :'identity')
WHERE to_regclass('public._sqlx_migrations') IS NOT NULL \gexec
