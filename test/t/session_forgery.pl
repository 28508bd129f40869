# Every way we know to make up a session without a token.  Alice may run any SQL
# an ordinary user may; each attempt must leave her without claims, or with her
# own.  A superuser is refused as well: what names the claims is a token.
use strict;
use warnings;
use OauthJwt;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = OauthJwt::new_node('forgery');
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION oauth_jwt;
	CREATE ROLE alice LOGIN;
	CREATE ROLE mallory LOGIN SUPERUSER;
	GRANT CREATE ON SCHEMA public TO alice;
	SELECT jwt.create_issuer('https://forgery.example');
	CREATE TABLE tokens AS SELECT jwt.issue('{"sub": "alice"}') AS token;
	GRANT SELECT ON tokens TO alice;
	CREATE TABLE documents AS SELECT n, 'bob' AS owner FROM generate_series(1, 5000) AS n;
	ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
	CREATE POLICY own ON documents USING (owner = jwt.subject());
	GRANT SELECT ON documents TO alice;
});

my $forged = '{"leeway": 0, "key": "x", "roles": [], "claims": {"sub": "bob"}}';
my $who = q{SELECT 'subject=' || coalesce(jwt.subject(), 'none');};

# Run it in a backend of its own; everything it prints.
sub attempt
{
	my ($role, $sql, %env) = @_;
	my ($out, $err) = ('', '');
	local %ENV = (%ENV, %env);
	IPC::Run::run([ 'psql', '-XAtq', '-h', $node->host, '-p', $node->port, '-U', $role, '-d', 'postgres' ],
		'<', \$sql, '>', \$out, '2>', \$err);
	return "$out$err";
}

sub is_nobody
{
	my ($name, $got) = @_;
	unlike($got, qr/subject=bob/, "$name: not bob");
	like($got, qr/subject=none|permission denied|cannot be set by hand|FATAL/, "$name: nobody, or refused")
	  or diag($got);
	return;
}

# The library is loaded by the first accessor, so each is tried before and after.
for my $loaded ('', 'SELECT jwt.subject();')
{
	my $when = $loaded ? 'library loaded' : 'before the library is loaded';
	for my $role ('alice', 'mallory')
	{
		for my $sql (
			"SET oauth_jwt.session = '$forged';",
			"BEGIN; SET LOCAL oauth_jwt.session = '$forged';",
			"SELECT set_config('oauth_jwt.session', '$forged', false);",
			"SELECT set_config('OAUTH_JWT.Session', '$forged', false);",
			"UPDATE pg_settings SET setting = '$forged' WHERE name = 'oauth_jwt.session';",
			"CREATE OR REPLACE FUNCTION f() RETURNS text LANGUAGE sql SET oauth_jwt.session = '$forged' RETURN 'subject=' || jwt.subject(); SELECT f();",
		  )
		{
			is_nobody("$role, $when: " . substr($sql, 0, 40), attempt($role, "$loaded $sql $who"));
		}
	}
}

# Stored with the role or the database, for the next log-in.
for my $role ('alice', 'mallory')
{
	my $set = attempt($role, "ALTER ROLE alice SET oauth_jwt.session = '$forged'; ALTER DATABASE postgres SET oauth_jwt.session = '$forged';");
	is_nobody("after ALTER ROLE and ALTER DATABASE by $role", attempt('alice', $who));
	is_nobody("the same in a parallel query", attempt('alice', parallel($who)));
	attempt('mallory', 'ALTER ROLE alice RESET ALL; ALTER DATABASE postgres RESET ALL;');
}
is_nobody('ALTER SYSTEM', attempt('mallory', "ALTER SYSTEM SET oauth_jwt.session = '$forged'; $who"));
is_nobody("PGOPTIONS, $_", attempt($_, $who, PGOPTIONS => "-c oauth_jwt.session={\\\"leeway\\\":0,\\\"key\\\":\\\"x\\\",\\\"roles\\\":[],\\\"claims\\\":{\\\"sub\\\":\\\"bob\\\"}}"))
  for ('alice', 'mallory');

# A placeholder in the leader must not become a session in its workers.
sub parallel
{
	my ($sql) = @_;
	return "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
		SET parallel_leader_participation = off; SELECT 'rows=' || count(*) FROM documents; $sql";
}
like(attempt('alice', "SET oauth_jwt.session = '$forged';" . parallel($who)), qr/rows=0\n/, 'a placeholder does not reach parallel workers as a session');

# With a session of her own she stays who she is, and cannot read how it is kept.
my $own = 'SELECT jwt.set_session(token, false) IS NOT NULL FROM tokens;';
like(attempt('alice', "$own $_ $who"), qr/subject=(alice|none)$/m, "her own session after: $_")
  for ("SET oauth_jwt.session = '$forged';", 'RESET oauth_jwt.session;', 'RESET ALL;', 'DISCARD ALL;', 'SET SESSION AUTHORIZATION DEFAULT;',
	"SET request.jwt.claims = '{\"sub\": \"bob\"}';", "SET oauth_jwt.trust_request_claims = on; SET request.jwt.claims = '{\"sub\": \"bob\"}';");
unlike(attempt('alice', "$own $_"), qr/forgery\.example/, "not readable: $_")
  for ('SHOW oauth_jwt.session;', "SELECT current_setting('oauth_jwt.session');", "SELECT setting FROM pg_settings WHERE name = 'oauth_jwt.session';", 'SHOW ALL;');
like(attempt('alice', "$own CREATE FUNCTION g() RETURNS text LANGUAGE sql SET oauth_jwt.session FROM CURRENT RETURN jwt.subject();"),
	qr/ERROR/, 'SET ... FROM CURRENT is refused');

# What PostgREST sets proves nothing, unless a superuser says so for a while.
my $request = "SET request.jwt.claims = '{\"sub\": \"bob\"}';";
is_nobody('request.jwt.claims', attempt('alice', "$request $who"));
like(attempt('mallory', "SET oauth_jwt.trust_request_claims = on; $request $who"), qr/subject=bob/, 'trusted when a superuser turns it on');
like(attempt('mallory', "SET oauth_jwt.trust_request_claims = on; $request $who SET request.jwt.claims = '{\"sub\": \"carol\"}'; $who SET request.jwt.claims = ''; $who"),
	qr/subject=bob\nsubject=carol\nsubject=none/, 'and followed as it changes');

# A function of hers in front of ours.
like(attempt('alice', "CREATE SCHEMA jwt; $who"), qr/permission denied|already exists/, 'no second schema jwt');
like(attempt('alice', "CREATE OR REPLACE FUNCTION jwt.subject() RETURNS text LANGUAGE sql RETURN 'bob'; $who"), qr/permission denied|must be owner/, 'ours cannot be replaced');

$node->stop;
done_testing();
