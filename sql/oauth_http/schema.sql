-- The door: what PostgREST shows the world, and nothing else.  Whoever may call
-- it speaks for the proxy in front (the issuer, the client's address and
-- certificate are what it says), so only the HTTP role may: see oauth.grant_http.
CREATE SCHEMA oauth_http;
REVOKE ALL ON SCHEMA oauth_http FROM PUBLIC;
COMMENT ON SCHEMA oauth_http IS
    'The authorization server''s endpoints for PostgREST, one function each';

-- A domain of this name makes PostgREST hand the bytes through as they are,
-- whatever the client accepts; the response's own headers name the media type.
CREATE DOMAIN oauth_http."*/*" AS bytea;
COMMENT ON DOMAIN oauth_http."*/*" IS
    'A response body of any media type';
REVOKE ALL ON TYPE oauth_http."*/*" FROM PUBLIC;
