# ALTER EXTENSION UPDATE: to a version that exists only here, which adds what a
# version may add.  Everything there was stays, connections that are open go on,
# and what is new is the extension's.
use strict;
use warnings;
use OauthJwt;
use PostgreSQL::Test::Utils;
use Test::More;

# The stage, and the next version beside the one in it.
my $settings = OauthJwt::settings();
my ($stage) = $settings =~ m{= '(/[^':]*?/stage)(?=['/])} or die "no stage in: $settings";
my $copy = PostgreSQL::Test::Utils::tempdir() . '/stage';
PostgreSQL::Test::Utils::system_or_bail('cp', '-a', $stage, $copy);
chomp(my $control = `find '$copy' -name oauth_jwt.control`);
my $dir = $control =~ s{/oauth_jwt\.control$}{}r;
my ($version) = slurp_file($control) =~ /^default_version = '(.*)'$/m;
my $next = "$version.next";
append_to_file("$dir/oauth_jwt--$version--$next.sql", q{
	ALTER TABLE jwt.issuers ADD COLUMN note text DEFAULT 'new';
	CREATE FUNCTION jwt.novelty() RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp RETURN 'new';
});

my $node = OauthJwt::new_node('update');
$node->append_conf('postgresql.conf', $settings =~ s/\Q$stage\E/$copy/gr);
$node->start;
sub sql { return $node->safe_psql('postgres', $_[0]); }

sql(q{
	CREATE EXTENSION oauth_jwt;
	SELECT jwt.create_issuer('https://es.example'), jwt.rotate_key('https://es.example'), oauth.create_issuer('https://as.example');
	SELECT jwt.trust_issuer('https://hs.example', secret => repeat('s', 32), audience => '{api}');
	CREATE ROLE app LOGIN;
	GRANT EXECUTE ON FUNCTION jwt.issue TO app;
	GRANT SELECT (kid) ON jwt.keys TO app;
	CREATE TABLE notes AS SELECT unnest('{alice,bob}'::text[]) AS owner;
	ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
	CREATE POLICY own ON notes USING (owner = jwt.subject());
	GRANT SELECT ON notes TO app;
});
my $token = sql(q{SELECT jwt.issue('{"sub": "alice"}', 'https://es.example')});
my %state = (
	keys => 'SELECT k::text FROM jwt.keys AS k ORDER BY issuer, kid',
	issuers => q{SELECT (to_jsonb(i) - 'note')::text FROM jwt.issuers AS i ORDER BY issuer},
	'authorization servers' => 'SELECT i::text FROM oauth.issuers AS i ORDER BY i::text',
	privileges => q{SELECT oid::regprocedure, proacl FROM pg_proc WHERE pronamespace = 'jwt'::regnamespace AND proname <> 'novelty' ORDER BY oid::regprocedure::text},
	'privileges of columns' => q{SELECT attname, attacl FROM pg_attribute WHERE attrelid = 'jwt.keys'::regclass AND attacl IS NOT NULL},
	policies => 'SELECT polname, polrelid::regclass, pg_get_expr(polqual, polrelid) FROM pg_policy ORDER BY polrelid',
	'what a dump takes along' => q{SELECT c::regclass FROM pg_extension, unnest(extconfig) AS c WHERE extname = 'oauth_jwt' ORDER BY c::regclass::text},
);
my %before = map { $_ => sql($state{$_}) } keys %state;
isnt($before{$_}, '', "there are $_") for sort keys %before;

# Connections that are open, with caches and with a session.
my $cached = $node->background_psql('postgres');
my $in_session = $node->background_psql('postgres');
my $verdict = "SELECT coalesce(error, 'ok') FROM jwt.check('$token')";
is($cached->query_safe($verdict), 'ok', 'a connection verifies');
is($in_session->query_safe("SELECT jwt.set_session('$token', false) ->> 'sub'"), 'alice', 'another has a session');
$in_session->query_safe('SET ROLE app');

sql("ALTER EXTENSION oauth_jwt UPDATE TO '$next'");
is(sql(q{SELECT extversion FROM pg_extension WHERE extname = 'oauth_jwt'}), $next, 'updated');
is(sql($state{$_}), $before{$_}, "the same $_") for sort keys %state;
is($cached->query_safe($verdict), 'ok', 'the connection goes on to verify');
is($in_session->query_safe('SELECT owner FROM notes'), 'alice', 'the session goes on');
is(sql(q{SELECT (jwt.check(jwt.issue('{}', 'https://es.example'))).valid}), 't', 'keys sign and verify');
is(sql(q{SELECT jwt.novelty() || (SELECT min(note) FROM jwt.issuers)}), 'newnew', 'what is new is there');
$_->quit for $cached, $in_session;

# ---- a dump of it, and its end ----

sql('CREATE DATABASE restored');
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump.sql';
$node->command_ok([ 'pg_dump', '-p', $node->port, '-h', $node->host, '-f', $dump, 'postgres' ], 'dumped');
# a dump says CREATE EXTENSION of the version that is to be had then
append_to_file($control, "default_version = '$next'\n");
$node->command_ok([ 'psql', '-q', '-X', '-v', 'ON_ERROR_STOP=1', '-p', $node->port, '-h', $node->host, '-d', 'restored', '-f', $dump ], 'restored');
is($node->safe_psql('restored', $state{$_}), $before{$_}, "restored: the same $_") for 'keys', 'issuers', 'what a dump takes along';
is($node->safe_psql('restored', $verdict), 'ok', '... and its tokens verify');

sql('SET client_min_messages = warning; DROP EXTENSION oauth_jwt CASCADE');
is(sql(q{SELECT count(*) FROM pg_proc WHERE probin LIKE '%oauth_jwt%' OR proname = 'novelty'}), 0, 'dropped, nothing of either version is left');

$node->stop;
done_testing();
