# Installed where others have decided things long before, with something else in
# mind.  A superuser has given roles privileges on whatever will be created: the
# extension's is not among it, nor is it after a dump and restore.  A backup's role
# that may not read keys fails, loudly.  Settings change no function that is made.
use strict;
use warnings;
use OauthJwt;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = OauthJwt::new_node('install');
$node->start;
my $dir = PostgreSQL::Test::Utils::tempdir();
my $dump = "$dir/dump.sql";

sub psql_as
{
	my ($role, $database, $sql) = @_;
	my ($code, $out, $err) = $node->psql($database, $sql, extra_params => [ '-U', $role ]);
	return "$out$err";
}

# As another superuser than the cluster's first, whose name has to be quoted.
$node->safe_psql('postgres', q{
	CREATE ROLE "The Boss" LOGIN SUPERUSER;
	CREATE ROLE app LOGIN;
	CREATE ROLE "Reports & more" LOGIN;
	CREATE ROLE backup LOGIN IN ROLE pg_read_all_data;
	CREATE DATABASE restored;
});
for my $database ('postgres', 'restored')
{
	psql_as('The Boss', $database, qq{
		ALTER DEFAULT PRIVILEGES GRANT ALL ON $_ TO app, "Reports & more", PUBLIC})
	  for ('TABLES', 'SEQUENCES', 'ROUTINES', 'SCHEMAS');
}
is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_default_acl'), 4, 'there are default privileges');
is(psql_as('The Boss', 'postgres', 'CREATE TABLE before (); CREATE EXTENSION oauth_jwt; CREATE TABLE after ()'), '', 'installed with them');

# Everything that anybody but the owner, and PUBLIC in jwt, may do with what is the extension's.
my $granted = q{
	WITH object (name, acl) AS (
		SELECT n.nspname::text, n.nspacl FROM pg_namespace AS n WHERE n.nspname IN ('jwt', 'oauth', 'oauth_http') UNION ALL
		SELECT c.oid::regclass::text, c.relacl FROM pg_class AS c WHERE c.relnamespace IN ('jwt'::regnamespace, 'oauth'::regnamespace, 'oauth_http'::regnamespace) UNION ALL
		SELECT p.oid::regprocedure::text, p.proacl FROM pg_proc AS p WHERE p.pronamespace IN ('jwt'::regnamespace, 'oauth'::regnamespace, 'oauth_http'::regnamespace)
	)
	SELECT name, a.privilege_type, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
	FROM object, aclexplode(acl) AS a
	WHERE a.grantee <> a.grantor
	  AND (a.grantee <> 0 OR name NOT LIKE 'jwt%' OR a.privilege_type NOT IN ('EXECUTE', 'USAGE'))
	ORDER BY 1, 2, 3};

for my $database ('postgres', 'restored')
{
	is($node->safe_psql($database, $granted), '', "$database: nobody was given anything");
	like(psql_as('app', $database, $_), qr/permission denied/, "$database: an ordinary user, $_")
	  for ('SELECT private_jwk FROM jwt.keys', 'TRUNCATE jwt.keys', q{SELECT jwt.issue('{}')}, 'CREATE FUNCTION jwt.f() RETURNS int LANGUAGE sql RETURN 1',
		'SELECT FROM oauth.users', 'SELECT oauth.health()', 'CREATE TABLE oauth.t ()');
	is(psql_as('app', $database, 'TABLE before; TABLE after'), '', "$database: but what was meant");
	like(psql_as('app', $database, 'SELECT jwt.subject() IS NULL, jwt.jwks() IS NOT NULL'), qr/t\|t/, "$database: and what is everybody's");
	last if $database eq 'restored';

	$node->safe_psql('postgres', q{
		SELECT jwt.create_issuer('https://own.example');
		SELECT jwt.trust_issuer('https://foreign.example', secret => 'a shared secret of thirty-two bytes or more');
		GRANT SELECT (kid, state) ON jwt.keys TO app;
	});
	$node->command_ok([ 'pg_dump', '-p', $node->port, '-h', $node->host, '-f', $dump, 'postgres' ], 'dumped');
	# restored by its superuser, who has the same default privileges there
	$node->command_ok([ 'psql', '-q', '-X', '-v', 'ON_ERROR_STOP=1', '-p', $node->port, '-h', $node->host, '-U', 'The Boss', '-d', 'restored', '-f', $dump ], 'restored');
}

my $keys = q{SELECT md5(string_agg(k::text, '|' ORDER BY issuer, kid)) FROM jwt.keys AS k};
is($node->safe_psql('restored', $keys), $node->safe_psql('postgres', $keys), 'with its keys');
is($node->safe_psql('restored', q{SELECT relrowsecurity FROM pg_class WHERE oid IN ('jwt.keys'::regclass, 'jwt.issuers'::regclass)}), "t\nt", 'and their row security');
is($node->safe_psql('restored', q{SELECT count(*) FROM pg_policy WHERE polrelid IN ('jwt.keys'::regclass, 'jwt.issuers'::regclass)}), 2, '... once');
is(psql_as('app', 'restored', 'SELECT count(kid) FROM jwt.keys'), 3, 'what was granted since is restored as well');

# ---- who makes a backup ----

my @backup = ('pg_dump', '-p', $node->port, '-h', $node->host, '-U', 'backup', '-f', "$dir/backup.sql", 'postgres');
$node->command_checks_all(\@backup, 1, [qr/^$/], [qr/row-level security policy for table "(keys|issuers)"/], 'to read all data is not to dump keys');
unlike(slurp_file("$dir/backup.sql"), qr/"d"|a shared secret|YSBzaGFyZWQgc2VjcmV0/, '... and nothing is in the file') if -e "$dir/backup.sql";
$node->safe_psql('postgres', 'ALTER ROLE backup BYPASSRLS');
$node->command_ok(\@backup, 'BYPASSRLS is');
like(slurp_file("$dir/backup.sql"), qr/YSBzaGFyZWQgc2VjcmV0/, '... with all of them');

# ---- settings ----

# What a function is made from, of those whose text the catalog does not keep.
my $bodies = q{SELECT string_agg(pg_get_functiondef(oid), '' ORDER BY oid::regprocedure::text) FROM pg_proc WHERE prosqlbody IS NOT NULL AND pronamespace IN ('jwt'::regnamespace, 'oauth'::regnamespace)};
my %set = ('transform_null_equals' => 'on', 'quote_all_identifiers' => 'on', 'array_nulls' => 'off',
	'search_path' => '"$user"', 'check_function_bodies' => 'off', 'default_transaction_isolation' => 'serializable');
$node->safe_psql('postgres', 'CREATE DATABASE settings');
$node->safe_psql('settings', join ' ', (map { "SET $_ = $set{$_};" } sort keys %set), 'CREATE EXTENSION oauth_jwt');
is($node->safe_psql('settings', $bodies), $node->safe_psql('postgres', $bodies), 'functions are the same, however NULLs and names are read elsewhere');

# PostgreSQL 19 has it on and nothing else.
if ($node->safe_psql('postgres', 'SHOW server_version_num') < 190000)
{
	$node->safe_psql('settings', 'DROP EXTENSION oauth_jwt');
	like(psql_as('postgres', 'settings', "SET standard_conforming_strings = off; CREATE EXTENSION oauth_jwt"), qr/ERROR:  standard_conforming_strings is off/,
		'but where a backslash is none, patterns would match what they should not: refused');
}

$node->stop;
done_testing();
