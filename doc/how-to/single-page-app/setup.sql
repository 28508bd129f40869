SELECT oauth.create_resource('https://api.example.com', 'Notes API',
    '{"notes:read": "Read your notes", "notes:write": "Write notes for you"}', is_default => true);

SELECT client_id FROM oauth.create_client('Notes',
    redirect_uris => ARRAY[:'app'],
    post_logout_redirect_uris => ARRAY[:'app'],
    scopes => '{openid,profile,email,offline_access,notes:read,notes:write}',
    token_endpoint_auth_method => 'none',
    client_id => 'notes-spa');
