-- The database becomes an authorization server, for the same API:

SELECT oauth.create_issuer(:'issuer', 'Notes Inc.') AS issuer_id;
SELECT oauth.create_resource('https://notes.example', 'Notes API',
    '{"notes:read": "Read your notes", "notes:write": "Write notes for you"}', is_default => true);
SELECT oauth.create_user('alice', 'correct horse battery staple', '{"name": "Alice"}', subject => 'alice') AS subject;

-- The database role for its tokens, from a function, so it could come from live data:

CREATE FUNCTION api_role(subject text, client_id text, scopes text[]) RETURNS jsonb
LANGUAGE sql STABLE AS $$ SELECT '{"role": "api_user"}'::jsonb $$;
SELECT oauth.set_claims_function('api_role(text, text, text[])');

-- An application that keeps no secret, on the user's own machine:

SELECT * FROM oauth.create_client('Notes for the desktop', '{http://127.0.0.1/callback}',
    scopes => '{openid,profile,offline_access,notes:read,notes:write}',
    token_endpoint_auth_method => 'none', application_type => 'native', client_id => 'notes-desktop');

-- And what serves it over HTTP may call the endpoints, and nothing else:

CREATE ROLE oauth_authenticator LOGIN NOINHERIT;
CREATE ROLE oauth_anon;
GRANT oauth_anon TO oauth_authenticator;
SELECT oauth.grant_http('oauth_anon');
