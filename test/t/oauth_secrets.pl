# Where a password, a client's secret, a code or a token of the authorization server
# could end up: in the log, in the audit trail, in pg_stat_statements, in dumps and on
# disk.  Users log in, clients authenticate, attackers replay, an operator's own function
# fails with a password in its message; then each value is looked for, as it is and in
# other spellings.  And a dump that is restored brings back what was used and revoked
# since: one call ends it.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use File::Find;
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use OauthJwt;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = OauthJwt::new_node('oauth_secrets');
plan skip_all => 'pg_stat_statements is not installed: where secrets may end up is not tested'
  unless -f $node->config_data('--pkglibdir') . '/pg_stat_statements.so';
my $dir = PostgreSQL::Test::Utils::tempdir();
# Every statement is logged (which PostgreSQL::Test::Cluster sees to), but for its
# parameters, as deploy says.
$node->append_conf('postgresql.conf', q{
	shared_preload_libraries = 'pg_stat_statements'
	pg_stat_statements.track = all
	log_parameter_max_length = 0
	log_parameter_max_length_on_error = 0
	log_min_messages = debug1
	log_error_verbosity = verbose
});
$node->start;
sub sql { return $node->safe_psql('postgres', $_[0]); }

sql(<<'SQL');
	CREATE EXTENSION oauth_jwt;
	CREATE EXTENSION pg_stat_statements;
	ALTER DATABASE postgres SET oauth_jwt.password_cost = 10;
	SELECT oauth.create_issuer('https://auth.example.com');
	SELECT oauth.create_resource('https://opaque.example.com', 'Opaque', access_token_format => 'opaque');

	CREATE FUNCTION ask(path text, form text, headers jsonb DEFAULT '{}', method text DEFAULT 'POST') RETURNS oauth.response LANGUAGE sql AS $$
		SELECT oauth.handle(ROW(NULL, method, path, CASE method WHEN 'GET' THEN form ELSE '' END, '{"content-type": "application/x-www-form-urlencoded"}'::jsonb || headers,
			CASE method WHEN 'POST' THEN convert_to(form, 'UTF8') END, '192.0.2.1', NULL)::oauth.request)
	$$;
	CREATE FUNCTION answer(response oauth.response) RETURNS jsonb LANGUAGE sql AS $$SELECT convert_from(response.body, 'UTF8')::jsonb$$;
	CREATE FUNCTION header(response oauth.response, name text) RETURNS text LANGUAGE sql AS $$SELECT h ->> name FROM jsonb_array_elements(response.headers) AS h WHERE h ? name$$;
	CREATE FUNCTION cookie(response oauth.response) RETURNS text LANGUAGE sql AS $$SELECT substring(header(response, 'Set-Cookie') FROM '=([^;]+)')$$;
	CREATE FUNCTION with_cookie(cookie text) RETURNS jsonb LANGUAGE sql AS $$SELECT jsonb_build_object('cookie', '__Host-oauth_session=' || cookie)$$;
	CREATE FUNCTION basic(client_id text, secret text) RETURNS jsonb LANGUAGE sql AS $$
		SELECT jsonb_build_object('authorization', 'Basic ' || translate(encode(convert_to(client_id || ':' || secret, 'UTF8'), 'base64'), E'\n', ''))
	$$;
	CREATE FUNCTION query(scope text, verifier text, resource text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
		SELECT oauth.form_of('client_id', 'web', 'response_type', 'code', 'redirect_uri', 'https://app.example.com/cb', 'scope', scope, 'resource', resource, 'state', 's',
			'code_challenge_method', 'S256', 'code_challenge', oauth.base64url(sha256(convert_to(verifier, 'UTF8'))))
	$$;
	CREATE FUNCTION fails(username text, password text) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		RAISE EXCEPTION 'no % with password %', username, password USING DETAIL = password, HINT = password;
	END
	$$;

	-- What happens, and all that is secret of it.  Neither a statement that calls this nor
	-- its own text holds any of it.
	CREATE FUNCTION happen() RETURNS jsonb LANGUAGE plpgsql AS $$
	DECLARE
		found jsonb;
		cookie_before text;
		session text;
		client_secret text;
		post_secret text;
		code text;
		tokens jsonb;
		newer jsonb;
		opaque text;
		device jsonb;
		assertion text;
		client_key jsonb := jwt.generate_key('ES256');
		verifier constant text := oauth.random_token();
		password constant text := oauth.random_token();
		wrong constant text := oauth.random_token();
		typed constant text := oauth.random_token();
		guess constant text := oauth.random_token();
		raised constant text := oauth.random_token();
		jti constant text := oauth.random_token();
		redeemed constant text[] := ARRAY['grant_type', 'authorization_code', 'redirect_uri', 'https://app.example.com/cb', 'code_verifier', verifier, 'code'];
	BEGIN
		PERFORM oauth.create_user('alice', password);
		client_secret := (oauth.create_client('Web', '{https://app.example.com/cb}', client_id => 'web', scopes => '{openid,offline_access}', require_consent => false)).client_secret;
		post_secret := (oauth.create_client('Post', client_id => 'post', scopes => '{}', grant_types => '{client_credentials}', token_endpoint_auth_method => 'client_secret_post')).client_secret;
		PERFORM oauth.create_client('Key', client_id => 'key', scopes => '{}', grant_types => '{client_credentials}', token_endpoint_auth_method => 'private_key_jwt', jwks => jsonb_build_object('keys', jsonb_build_array(jwt.public_key(client_key))));
		PERFORM oauth.create_client('TV', client_id => 'tv', scopes => '{openid}', grant_types => '{urn:ietf:params:oauth:grant-type:device_code}', token_endpoint_auth_method => 'none', application_type => 'native');

		cookie_before := cookie(ask('/login', '', method => 'GET'));
		PERFORM ask('/login', oauth.form_of('username', 'alice', 'password', wrong, 'csrf', oauth.csrf_token(cookie_before)), with_cookie(cookie_before));
		PERFORM ask('/login', oauth.form_of('username', typed, 'password', 'x', 'csrf', oauth.csrf_token(cookie_before)), with_cookie(cookie_before));
		session := cookie(ask('/login', oauth.form_of('username', 'alice', 'password', password, 'csrf', oauth.csrf_token(cookie_before)), with_cookie(cookie_before)));

		code := substring(header(ask('/authorize', query('openid offline_access', verifier), with_cookie(session), 'GET'), 'Location') FROM 'code=([^&]+)');
		PERFORM ask('/token', oauth.form_of('grant_type', 'authorization_code', 'code', guess), basic('web', client_secret));
		tokens := answer(ask('/token', oauth.form_of(VARIADIC redeemed || code), basic('web', client_secret)));
		newer := answer(ask('/token', oauth.form_of('grant_type', 'refresh_token', 'refresh_token', tokens ->> 'refresh_token'), basic('web', client_secret)));
		PERFORM ask('/userinfo', '', jsonb_build_object('authorization', 'Bearer ' || (tokens ->> 'access_token')), 'GET');
		PERFORM ask('/introspect', oauth.form_of('token', newer ->> 'access_token'), basic('web', client_secret));
		PERFORM ask('/logout', oauth.form_of('id_token_hint', tokens ->> 'id_token'), method => 'GET');
		PERFORM ask('/revoke', oauth.form_of('token', newer ->> 'access_token'), basic('web', client_secret));
		-- stolen, and used again
		PERFORM ask('/token', oauth.form_of('grant_type', 'refresh_token', 'refresh_token', tokens ->> 'refresh_token'), basic('web', client_secret));
		PERFORM ask('/token', oauth.form_of(VARIADIC redeemed || code), basic('web', client_secret));

		code := substring(header(ask('/authorize', query('openid', verifier, 'https://opaque.example.com'), with_cookie(session), 'GET'), 'Location') FROM 'code=([^&]+)');
		opaque := answer(ask('/token', oauth.form_of(VARIADIC redeemed || code), basic('web', client_secret))) ->> 'access_token';
		PERFORM ask('/userinfo', '', jsonb_build_object('authorization', 'Bearer ' || opaque), 'GET');

		assertion := jwt.sign(jsonb_build_object('iss', 'key', 'sub', 'key', 'aud', 'https://auth.example.com', 'jti', jti), client_key, expires_in => '1 minute');
		FOR n IN 1..2 LOOP
			PERFORM ask('/token', oauth.form_of('grant_type', 'client_credentials', 'client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', 'client_assertion', assertion));
		END LOOP;
		PERFORM ask('/token', oauth.form_of('grant_type', 'client_credentials', 'client_id', 'post', 'client_secret', post_secret));
		PERFORM ask('/token', oauth.form_of('grant_type', 'client_credentials', 'client_id', 'post', 'client_secret', guess));
		PERFORM ask('/token', oauth.form_of('grant_type', 'client_credentials'), basic('web', guess));

		device := answer(ask('/device_authorization', 'client_id=tv&scope=openid'));
		PERFORM ask('/token', oauth.form_of('grant_type', 'urn:ietf:params:oauth:grant-type:device_code', 'client_id', 'tv', 'device_code', device ->> 'device_code'));
		PERFORM ask('/device', oauth.form_of('user_code', device ->> 'user_code', 'decision', 'approve', 'csrf', oauth.csrf_token(session)), with_cookie(session));
		PERFORM ask('/token', oauth.form_of('grant_type', 'urn:ietf:params:oauth:grant-type:device_code', 'client_id', 'tv', 'device_code', device ->> 'device_code'));

		PERFORM oauth.set_authenticate_function('fails(text, text)');
		PERFORM ask('/login', oauth.form_of('username', 'alice', 'password', raised, 'csrf', oauth.csrf_token(cookie_before)), with_cookie(cookie_before));
		PERFORM oauth.set_authenticate_function(NULL);

		RETURN jsonb_build_object('session', session, 'cookie', cookie_before, 'csrf', oauth.csrf_token(session), 'client secret', client_secret, 'post secret', post_secret,
			'code', code, 'access token', tokens ->> 'access_token', 'id token', tokens ->> 'id_token', 'refresh token', tokens ->> 'refresh_token',
			'newer access token', newer ->> 'access_token', 'newer refresh token', newer ->> 'refresh_token', 'opaque token', opaque, 'assertion', assertion,
			'device code', device ->> 'device_code', 'user code', replace(device ->> 'user_code', '-', ''))
			|| jsonb_build_object('password', password, 'wrong password', wrong, 'name', typed, 'verifier', verifier, 'guess', guess, 'jti', jti, 'password of an error', raised);
	END
	$$;
SQL

my $mark = -s $node->logfile;
my %secret = %{ decode_json(sql('SELECT happen()')) };
is(scalar(grep { !defined } values %secret), 0, 'everything happened') or diag explain \%secret;
for ('session', 'client secret', 'post secret', 'code', 'refresh token', 'newer refresh token', 'opaque token', 'device code')
{
	like($secret{$_}, qr/^[A-Za-z0-9_-]{43}$/, "256 random bits: $_");
}
is(sql(q{SELECT string_agg(DISTINCT event, ' ' ORDER BY event) FROM oauth.audit WHERE event ~ 'replay|reused|failed|refused|error|approved'}),
	'client_authentication_failed code_replayed device_approved login_failed refresh_token_reused server_error', 'the audit trail has what went wrong');

# A JWT is worth nothing without its signature, and its claims are no secret.
sub spellings
{
	my ($value) = @_;
	$value =~ s/.*\.//;
	(my $base64 = encode_base64($value, '')) =~ s/.{0,2}=*$//;
	return ($value, $base64, unpack('H*', $value));
}
sub found
{
	my ($text, @names) = @_;
	return join ', ', grep { my $name = $_; grep { index(lc $text, lc $_) >= 0 } spellings($secret{$name}) } sort @names;
}
my @all = keys %secret;
is(found(join(' ', map { unpack 'H*', $_ } values %secret), @all), join(', ', sort @all), '(what is there is found)');

my $log = substr(slurp_file($node->logfile), $mark);
like($log, qr/oauth\.handle: \/login failed with SQLSTATE P0001/, 'the log has the error of the operator\'s function');
like($log, qr/statement: SELECT happen\(\)/, '... and the statement');
is(found($log, @all), '', '... and no secret');
is(found(sql('SELECT string_agg(a::text, E\'\n\') FROM oauth.audit AS a'), @all), '', 'nor has the audit trail');
like(sql('SELECT string_agg(query, E\'\n\') FROM pg_stat_statements'), qr/INSERT INTO oauth\.refresh_tokens/, 'pg_stat_statements has what was done');
is(found(sql(q{SELECT string_agg(query, E'\n') FROM pg_stat_statements}), @all), '', '... and no secret');

# What administrators write as literals.
sql(q{SELECT oauth.create_user('bob', 'literal-never-logged'); SELECT oauth.set_password('bob', 'literal-never-logged')});
unlike(sql('SELECT query FROM pg_stat_statements'), qr/literal-never/, '... nor a password that an administrator sets');

# ---- dumps, and the disk ----

my $dump = "$dir/dump.sql";
$node->command_ok([ 'pg_dump', '-p', $node->port, '-h', $node->host, '-f', $dump, 'postgres' ], 'dumped');
my $text = slurp_file($dump);
for ('session', 'client secret', 'code', 'newer refresh token', 'opaque token', 'device code')
{
	cmp_ok(index($text, sha256_hex($secret{$_})), '>=', 0, "the dump has the SHA-256: $_");
}
# a user code is looked up as it is typed, and worth nothing without a log-in
my @stored = grep { $_ ne 'user code' } @all;
is(found($text, @stored), '', '... and no secret');
sql('CHECKPOINT');
my $disk = '';
my $database = sql(q{SELECT oid FROM pg_database WHERE datname = current_database()});
find({ wanted => sub { $disk .= slurp_file($_) if -f }, no_chdir => 1 }, map { $node->data_dir . "/$_" } "base/$database", 'pg_wal');
is(found($disk, @stored), '', 'nor have the data files and the WAL');

# ---- a backup that is restored ----

sub stands
{
	my ($in, $name) = @_;
	my %form = (
		'opaque token' => q{SELECT (ask('/userinfo', '', jsonb_build_object('authorization', 'Bearer %s'), 'GET')).status},
		'session' => q{SELECT CASE WHEN header(ask('/authorize', query('openid', repeat('v', 43)), with_cookie('%s'), 'GET'), 'Location') ~ 'code=' THEN 200 ELSE 401 END},
		'later' => q{SELECT CASE WHEN oauth.is_revoked(jwt.verify('%s')) THEN 401 ELSE 200 END});
	return $node->safe_psql($in, sprintf "BEGIN; $form{$name}; ROLLBACK", $secret{$name});
}
# since the dump: a token more, and the end of what it holds
$secret{later} = sql(q{SELECT answer(ask('/token', oauth.form_of('grant_type', 'client_credentials', 'client_id', 'post', 'client_secret', '} . $secret{'post secret'} . q{'))) ->> 'access_token'});
sql(q{SELECT oauth.revoke_user(subject) FROM oauth.users WHERE username = 'alice'; DELETE FROM oauth.access_tokens});
my @ended = ('opaque token', 'session');
isnt(stands('postgres', $_), 200, "since the dump was made it has ended: $_") for @ended;

sql('CREATE DATABASE restored');
$node->command_ok([ 'psql', '-q', '-X', '-v', 'ON_ERROR_STOP=1', '-p', $node->port, '-h', $node->host, '-d', 'restored', '-f', $dump ], 'restored');
is(stands('restored', $_), 200, "... and the dump brings it back: $_") for @ended;
is(stands('restored', 'later'), 200, '... while it knows nothing of a token made after it');
$node->safe_psql('restored', 'SELECT oauth.revoke_all()');
isnt(stands('restored', $_), 200, "one call ends it: $_") for @ended, 'later';
is($node->safe_psql('restored', q{SELECT count(*) FROM oauth.active_tokens}), 0, '... and nothing else stands');
is($node->safe_psql('restored', qq{SELECT (ask('/token', oauth.form_of('grant_type', 'client_credentials', 'client_id', 'post', 'client_secret', '$secret{'post secret'}'))).status}), 200, '... while clients go on with their secrets');

$node->stop;
done_testing();
