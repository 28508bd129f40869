# Writing down for log-ins whom to trust, while others are at it or in the way: a
# key that is revoked must not log in for longer because of them.
use strict;
use warnings;
use OauthJwt;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = OauthJwt::new_node('export_trust', allows_streaming => 1);
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION oauth_jwt;
	CREATE ROLE mallory LOGIN;
	SELECT jwt.create_issuer('https://own.example');
	CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		EXECUTE statement;
		RETURN 'done';
	EXCEPTION WHEN OTHERS THEN
		RETURN SQLSTATE;
	END $$});

sub sql { return $node->safe_psql('postgres', $_[0]); }

sub kids
{
	my ($of) = @_;
	my $file = slurp_file(($of || $node)->data_dir . '/oauth_jwt_trust.json');
	return join ' ', sort $file =~ /"kid": "([^"]+)"/g;
}

sub verifying { return join ' ', sort split /\n/, sql(q{SELECT kid FROM jwt.keys WHERE state <> 'removed'}); }

is(sql('SELECT jwt.export_trust()'), 1, 'exported');
is(kids(), verifying(), 'with its keys');

# ---- the attack: whoever may run SQL keeps the lock that the export waits for ----

my $mallory = $node->background_psql('postgres', extra_params => [ '-U', 'mallory' ]);
my $issuers = sql(q{SELECT 'jwt.issuers'::regclass::oid});
$mallory->query_safe("SELECT pg_advisory_lock($issuers)");
$mallory->query_safe('BEGIN; SELECT jwt.jwks()');
my ($code, $out, $err) = $node->psql('postgres', q{SET lock_timeout = '5s';
	SELECT jwt.revoke_key(issuer, kid) FROM jwt.keys WHERE state = 'active' \g /dev/null
	SELECT jwt.export_trust()});
is("$out$err", 1, 'nobody can make it wait');
is(kids(), verifying(), 'and the key that was revoked is gone');
$mallory->quit;

# ---- one waits for the other, and writes what it left ----

my ($first, $second) = map { $node->background_psql('postgres') } 1 .. 2;
$first->query_safe(q{BEGIN; SELECT jwt.rotate_key('https://own.example'); SELECT jwt.export_trust()});
$second->query_until(qr/waiting/, "\\echo waiting\nSELECT jwt.export_trust();\n");
ok($node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%export_trust%'}), 'the second waits');
$first->query_safe('COMMIT');
$second->query_safe('SELECT 1');
is(kids(), verifying(), 'it has written what the first one changed');
$first->quit;

# ---- a snapshot from before a revocation ----

my $before = kids();
for my $level ('REPEATABLE READ', 'SERIALIZABLE')
{
	$second->query_safe("BEGIN ISOLATION LEVEL $level; SELECT count(*) FROM jwt.keys");
	sql(q{SELECT jwt.rotate_key('https://own.example'); SELECT jwt.revoke_key(issuer, kid) FROM jwt.keys WHERE state = 'active'; SELECT jwt.export_trust()});
	is($second->query_safe('SELECT try($$SELECT jwt.export_trust()$$)'), '25000', "$level: refused");
	$second->query_safe('ROLLBACK');
	is(kids(), verifying(), "$level: the file has nothing from before the revocation");
}
isnt(kids(), $before, 'which it would have had');
$second->quit;

# ---- a standby has a file of its own, and no lock on tables ----

$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
unlink $standby->data_dir . '/oauth_jwt_trust.json' or die "unlink: $!";
$standby->safe_psql('postgres', 'SELECT jwt.export_trust()');
is(kids($standby), verifying(), 'a standby exports what it has');
sql(q{SELECT jwt.revoke_key(issuer, kid) FROM jwt.keys WHERE state = 'next'});
$node->wait_for_catchup($standby);
$standby->safe_psql('postgres', 'SELECT jwt.export_trust()');
is(kids($standby), verifying(), '... and what has come since');
isnt(kids($standby), kids(), '... when the primary has not');
$standby->stop;

$node->stop;
done_testing();
