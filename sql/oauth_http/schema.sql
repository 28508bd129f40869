-- The door: an adapter for each endpoint, and nothing else.  It is the only
-- schema that the authorization server's PostgREST shows.
CREATE SCHEMA oauth_http;
REVOKE ALL ON SCHEMA oauth_http FROM PUBLIC;
COMMENT ON SCHEMA oauth_http IS
    'The authorization server over HTTP: one function for each endpoint';

-- PostgREST answers any Accept header with a function that returns this, byte for
-- byte and with the Content-Type that the function sets.
CREATE DOMAIN oauth_http."*/*" AS bytea;
REVOKE ALL ON DOMAIN oauth_http."*/*" FROM PUBLIC;
COMMENT ON DOMAIN oauth_http."*/*" IS
    'A response''s body, of any media type';
