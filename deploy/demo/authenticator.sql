-- The role PostgREST logs in as: nothing of its own, and these two to become.

CREATE ROLE authenticator LOGIN NOINHERIT;
GRANT anon, api_user TO authenticator;
