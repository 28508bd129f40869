-- The application has one database role for all its users.  Alice's request:

SET ROLE api_user;

BEGIN;
SELECT jwt.set_session(:'alice') ->> 'sub' AS session;
SELECT * FROM api.notes;
COMMIT;

-- Bob's, on the same connection:

BEGIN;
SELECT jwt.set_session(:'bob') ->> 'sub' AS session;
SELECT * FROM api.notes;

-- His token lacks the scope to write:

INSERT INTO api.notes (note) VALUES ('buy flowers');
ROLLBACK;

-- The session ends with its transaction, so nothing is left for the next in the pool:

SELECT * FROM api.notes;
