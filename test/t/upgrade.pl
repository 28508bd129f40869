# pg_upgrade takes issuers and keys along as they are, and tokens stay good.  To
# the same version: what can go wrong is how the extension's tables, functions
# and library are carried over.
use strict;
use warnings;
use OauthJwt;
use PostgreSQL::Test::Utils;
use Test::More;

my $old = OauthJwt::new_node('old');
my $new = OauthJwt::new_node('new');
my $dir = PostgreSQL::Test::Utils::tempdir();
append_to_file("$dir/master.key", 'ab' x 32 . "\n");
chmod 0600, "$dir/master.key" or die "chmod: $!";
$_->append_conf('postgresql.conf', "oauth_jwt.master_key_file = '$dir/master.key'\n") for $old, $new;

$old->start;
$old->safe_psql('postgres', q{
	CREATE EXTENSION oauth_jwt;
	SELECT jwt.create_issuer('https://es.example'), jwt.rotate_key('https://es.example');
	SELECT jwt.trust_issuer('https://hs.example', secret => repeat('s', 32), audience => '{api}', roles_claim => '{a,b}');
	CREATE TABLE notes (owner text);
	INSERT INTO notes VALUES ('alice'), ('bob');
	ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
	CREATE POLICY own ON notes USING (owner = jwt.subject());
	CREATE ROLE app;
	GRANT SELECT ON notes TO app;
	GRANT EXECUTE ON FUNCTION jwt.issue TO app;
});
my $token = $old->safe_psql('postgres', q{SELECT jwt.issue('{"sub": "alice"}', 'https://es.example')});
my $shared = q{SELECT jwt.verify(jwt.sign('{"iss": "https://hs.example", "aud": "api"}', repeat('s', 32), expires_in => '1 hour')) ->> 'aud'};

# Everything that is ours: rows, and what the catalogs say.
my %state = (
	issuers => q{SELECT i::text FROM jwt.issuers AS i ORDER BY issuer},
	keys => q{SELECT k::text FROM jwt.keys AS k ORDER BY issuer, kid},
	functions => q{SELECT p.oid::regprocedure, proconfig, prosecdef, provolatile, proparallel, proisstrict
		FROM pg_proc AS p WHERE pronamespace = 'jwt'::regnamespace ORDER BY p.oid::regprocedure::text},
	privileges => q{
		SELECT p.oid::regprocedure::text, a.grantee::regrole, a.privilege_type
		FROM pg_proc AS p, aclexplode(coalesce(proacl, acldefault('f', proowner))) AS a WHERE pronamespace = 'jwt'::regnamespace
		UNION ALL
		SELECT c.oid::regclass::text, a.grantee::regrole, a.privilege_type
		FROM pg_class AS c, aclexplode(coalesce(relacl, acldefault('r', relowner))) AS a WHERE relnamespace = 'jwt'::regnamespace
		ORDER BY 1, 2, 3},
	row_security => q{SELECT c.oid::regclass, relrowsecurity, polname, polroles, pg_get_expr(polqual, polrelid)
		FROM pg_class AS c JOIN pg_policy AS p ON polrelid = c.oid WHERE relnamespace = 'jwt'::regnamespace ORDER BY 1},
	statistics => q{SELECT attrelid::regclass, attname FROM pg_attribute JOIN pg_class AS c ON attrelid = c.oid
		WHERE relnamespace = 'jwt'::regnamespace AND attstattarget = 0 AND attnum > 0 AND relkind = 'r' ORDER BY 1, 2},
	triggers => q{SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2},
	members => q{SELECT pg_describe_object(classid, objid, 0) FROM pg_depend WHERE deptype = 'e'
		AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'oauth_jwt') ORDER BY 1},
	configuration => q{SELECT c::regclass FROM pg_extension, unnest(extconfig) AS c WHERE extname = 'oauth_jwt' ORDER BY c::regclass::text});

# The LOAD with which pg_upgrade looks for libraries finds $libdir/NAME outside
# of $libdir from 19 on.  Before, the stage's library goes by its name alone.
$old->safe_psql('postgres', q{UPDATE pg_proc SET probin = 'oauth_jwt' WHERE probin = '$libdir/oauth_jwt'})
  if $old->pg_version->major == 18;

my %before = map { $_ => $old->safe_psql('postgres', $state{$_}) } keys %state;
isnt($before{$_}, '', "there are $_") for sort keys %before;
$old->stop;

my $bin = $new->config_data('--bindir');
chdir $dir or die "chdir: $!";
command_ok([ 'pg_upgrade', '--no-sync', '-d', $old->data_dir, '-D', $new->data_dir, '-b', $bin, '-B', $bin,
		'-s', $new->host, '-p', $old->port, '-P', $new->port ], 'pg_upgrade');

$new->start;
is($new->safe_psql('postgres', $state{$_}), $before{$_}, "the same $_") for sort keys %state;
is($new->safe_psql('postgres', "SELECT jwt.verify('$token') ->> 'sub'"), 'alice', 'a token of before is good');
is($new->safe_psql('postgres', $shared), 'api', 'a shared secret too');
is($new->safe_psql('postgres', "BEGIN; SELECT jwt.set_session('$token') ->> 'sub'; SET LOCAL ROLE app; TABLE notes; COMMIT"),
	"alice\nalice", 'policies hold');
is($new->safe_psql('postgres', q{SELECT jwt.rotate_key('https://es.example') IS NOT NULL; SELECT (jwt.check(jwt.issue('{}', 'https://es.example'))).valid}),
	"t\nt", 'sealed keys open, and rotate');

# ---- DROP EXTENSION, which takes what depends on it only when told to ----

my ($code, $out, $err) = $new->psql('postgres', 'DROP EXTENSION oauth_jwt');
like($err, qr/other objects depend on it/, 'a policy keeps the extension from being dropped');
$new->safe_psql('postgres', 'SET client_min_messages = warning; DROP EXTENSION oauth_jwt CASCADE');
is($new->safe_psql('postgres', q{SELECT count(*) FROM pg_namespace WHERE nspname = 'jwt'}), '0', 'dropped, its schema is gone');
is($new->safe_psql('postgres', 'SELECT count(*) FROM pg_policy'), '0', 'and the policy');
is($new->safe_psql('postgres', 'SET ROLE app; SELECT count(*) FROM notes'), '0', 'and the rows are nobody\'s, not everybody\'s');
is($new->safe_psql('postgres', q{SELECT count(*) FROM pg_proc WHERE probin LIKE '%oauth_jwt%'}), '0', 'and every function of the library');

# A session that has used it goes on; made anew, it has nothing of before.
my $session = $new->background_psql('postgres', on_error_stop => 0);
my $check = "SELECT coalesce(error, 'ok') FROM jwt.check('$token')";
$new->safe_psql('postgres', q{CREATE EXTENSION oauth_jwt; SELECT jwt.create_issuer('https://es.example')});
is($session->query_safe($check), 'no key for the token', 'made anew, it knows no key of before');
my $fresh = $new->safe_psql('postgres', q{SELECT jwt.issue('{"sub": "alice"}', 'https://es.example')});
is($session->query_safe("SELECT coalesce(error, 'ok') FROM jwt.check('$fresh')"), 'ok', 'and one of its own');
$new->safe_psql('postgres', 'DROP EXTENSION oauth_jwt; CREATE EXTENSION oauth_jwt');
is($session->query_safe("SELECT coalesce(error, 'ok') FROM jwt.check('$fresh')"), q{token's issuer is not trusted},
	'dropped and made in another session, nothing cached is left');
$session->quit;
$new->stop;
done_testing();
