-- The last incarnation of the hot tier, which stays the last until the transaction ends. A function sees what was noted while it waited for
-- the lock; the statement that calls it would not.

CREATE FUNCTION hold_incarnation() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(731500202);
    RETURN (SELECT name FROM hot_incarnations ORDER BY number DESC LIMIT 1);
END $$;
