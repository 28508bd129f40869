-- The authorization server: its tables, its logic, its administration.  Nobody
-- but the extension's owner gets in; oauth_http is the door for everyone else.
CREATE SCHEMA oauth;
REVOKE ALL ON SCHEMA oauth FROM PUBLIC;
COMMENT ON SCHEMA oauth IS
    'The authorization server: OAuth 2 and OpenID Connect over tables';
