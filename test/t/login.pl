# Log-ins with a token, from PostgreSQL 18 on: what the validator accepts, what
# it refuses and what it then says in the log, who one is afterwards, and how
# long that lasts.
use strict;
use warnings;
use OauthJwt;
use PostgreSQL::Test::Utils;
use Test::More;
use TokenLogin;

my $node = OauthJwt::new_node('login');
if ($node->pg_version < 18)
{
	plan skip_all => 'PostgreSQL has no log-in with a token before 18: nothing of src/validator is tested on ' . $node->pg_version;
}

my ($ISSUER, $OTHER) = ('https://as.example', 'https://other.example/tenant');
$node->append_conf('postgresql.conf', q{
	oauth_validator_libraries = 'oauth_jwt'
	oauth_jwt.max_token_size = 16kB
	log_connections = all
	# tokens that a test's own SQL has are not what we look for in the log
	log_statement = none
	log_min_error_statement = panic
});
unlink $node->data_dir . '/pg_hba.conf';
$node->append_conf('pg_hba.conf', qq{
local all postgres trust
local all alice    oauth issuer="$ISSUER" scope="pg"
local all carol    oauth issuer="$ISSUER" scope="pg write"
local all app      oauth issuer="$ISSUER" scope="pg"
local all bob      oauth issuer="https://other.example/.well-known/oauth-authorization-server/tenant" scope="pg" map=people
local all staff    oauth issuer="$OTHER" scope="pg" map=people
local all report   oauth issuer="$OTHER" scope="pg" delegate_ident_mapping=1
local all lost     oauth issuer="https://unknown.example" scope="pg"
local all open     oauth issuer="https://open.example" scope="pg"
});
$node->append_conf('pg_hba.conf', qq{local all nina oauth issuer="$OTHER" scope="api://x/pg" validator.scope=pg validator.audience=db validator.identity=email\n})
  if $node->pg_version->major >= 19;
$node->append_conf('pg_ident.conf', q{
people robert                bob
people /^(.*)@staff\.example$ staff
});
$node->start;

sub sql { return $node->safe_psql('postgres', $_[0]) }

sql(qq{
	CREATE EXTENSION oauth_jwt;
	ALTER ROLE postgres SET oauth_jwt.max_token_size = '64kB';
	CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE carol LOGIN; CREATE ROLE app LOGIN;
	CREATE ROLE staff LOGIN; CREATE ROLE report LOGIN; CREATE ROLE lost LOGIN; CREATE ROLE open LOGIN;
	SELECT jwt.create_issuer('$ISSUER', audience => '{postgresql}', token_lifetime => '1 minute');
	UPDATE jwt.issuers SET type = 'at+jwt', leeway = '0' WHERE issuer = '$ISSUER';
	CREATE TABLE foreign_key AS SELECT jwt.generate_key('ES256') || '{"kid": "f1"}' AS jwk;
	SELECT jwt.trust_issuer('$OTHER', jwks => (SELECT jwt.public_key(jwk) FROM foreign_key),
		audience => '{postgresql}', required_claims => '{}', roles_claim => '{realm,roles}');
	SELECT jwt.trust_issuer('https://open.example', jwks => (SELECT jwt.public_key(jwk) FROM foreign_key));
	SELECT jwt.trust_issuer('https://secret.example', secret => repeat('s', 32), audience => '{postgresql}');
	CREATE TABLE notes AS SELECT CASE WHEN i % 2 = 0 THEN 'alice' ELSE 'bob' END AS owner FROM generate_series(1, 1000) AS i;
	ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
	CREATE POLICY own ON notes USING (owner = jwt.subject());
	GRANT SELECT ON notes TO PUBLIC;
});
my $IN_A_MINUTE = 'extract(epoch FROM clock_timestamp())::bigint + 60';

sub quoted { my ($text) = @_; $text =~ s/'/''/g; return "'$text'" }

my @presented;                    # every token that went to the server, for the last test

# A token of our own issuer, by its active key; members override the usual ones.
sub token
{
	my ($claims, %with) = @_;
	my $type = $with{type} // 'at+jwt';
	return sql(qq{SELECT jwt.issue('{"sub": "alice", "aud": "postgresql", "scope": "pg"}'::jsonb || } . quoted($claims || '{}') .
		qq{, issuer => '$ISSUER', type => '$type'} . ($with{more} // '') . ')');
}

# One of the foreign issuer.
sub foreign
{
	my ($claims) = @_;
	return sql(qq{SELECT jwt.jws_sign(convert_to((jsonb_build_object('iss', '$OTHER', 'sub', 'robert', 'aud', 'postgresql', 'scope', 'pg',
		'exp', $IN_A_MINUTE) || } . quoted($claims || '{}') . q{)::text, 'UTF8'), jwk) FROM foreign_key});
}

sub log_in
{
	my ($user, $token, @more) = @_;
	push @presented, $token if defined $token;
	return TokenLogin->new($node, user => $user, token => $token, @more);
}

# The log's lines since the call before.
my $log_position = 0;

sub new_log
{
	my $log = slurp_file($node->logfile, $log_position);
	$log_position += length $log;
	return $log;
}

sub accepted
{
	my ($name, $user, $token, $query, $answer) = @_;
	my $session = log_in($user, $token);
	is($session->{error} // $session->query($query), $answer, $name) or diag(new_log());
	$session->close;
	return;
}

sub refused
{
	my ($name, $user, $token, $sqlstate) = @_;
	new_log();
	my $session = log_in($user, $token);
	my $reason = quotemeta "($sqlstate)";
	like($session->{error} // 'none', qr/^FATAL: 28000 OAuth bearer authentication failed/, "$name: refused");
	$session->close;
	# it is written before the client is answered
	like(new_log(), qr/log-in with a token refused: .*$reason/, "$name: the log says why");
	return;
}

# ---- before there is a file ----

refused('no trust file', 'alice', token(), 'JW055');
is(sql('SELECT jwt.export_trust()'), '3', 'issuers with public keys are exported');
my $file = $node->data_dir . '/oauth_jwt_trust.json';
is(sprintf('%o', (stat $file)[2] & 07777), '600', 'the file is the server\'s');
unlike(slurp_file($file), qr/"d"|"k"|ssss/, 'and holds nothing secret');

# ---- good ones ----

accepted('a good token', 'alice', token(), 'SELECT current_user, jwt.subject(), jwt.has_scope(\'pg\'), jwt.issuer(), system_user',
	"alice|alice|t|$ISSUER|oauth:alice");
accepted('all scopes of the line', 'carol', token('{"sub": "carol", "scope": "write pg"}'), 'SELECT jwt.subject()', 'carol');
accepted('a foreign issuer, whose line names its metadata, and a map', 'bob', foreign(), 'SELECT current_user, jwt.subject(), system_user', 'bob|robert|oauth:robert');
accepted('a map with a pattern', 'staff', foreign('{"sub": "eve@staff.example"}'), 'SELECT current_user, jwt.subject()', 'staff|eve@staff.example');
accepted('a delegated role', 'report', foreign('{"sub": "whoever", "realm": {"roles": ["x", "report"]}}'), 'SELECT current_user, jwt.subject(), jwt.has_role(\'report\')', 'report|whoever|t');

# ---- bad ones ----

my $good = token();
my ($header, $payload, $signature) = split /\./, $good;
my $forger = sql(q{SELECT jwt.sign(jsonb_build_object('iss', '} . $ISSUER . qq{', 'sub', 'alice', 'aud', 'postgresql', 'scope', 'pg', 'exp', $IN_A_MINUTE),
	jwt.generate_key('ES256') || jsonb_build_object('kid', (SELECT kid FROM jwt.keys WHERE issuer = '$ISSUER' AND state = 'active')),
	header => '{"typ": "at+jwt"}')});
my %bad = (
	'not a token' => ['alice', 'abc', 'JW001'],
	'two parts' => ['alice', "$header.$payload", 'JW001'],
	'five parts' => ['alice', "$header.$payload.$signature.x.y", 'JW001'],
	'padding' => ['alice', "$good==", 'JW001'],
	'alg none' => ['alice', 'eyJhbGciOiJub25lIn0.' . "$payload.", 'JW002'],
	'an altered payload' => ['alice', "$header." . 'A' . substr($payload, 1) . ".$signature", 'JW007'],
	'an altered signature' => ['alice', "$header.$payload." . ($signature =~ /^A/ ? 'B' : 'A') . substr($signature, 1), 'JW007'],
	'another\'s key' => ['alice', $forger, 'JW007'],
	'an HMAC with a public key' => ['alice', sql(qq{SELECT jwt.sign('{"iss": "$ISSUER"}', repeat('x', 40), 'HS256')}), 'JW003'],
	'a foreign token on the wrong line' => ['alice', foreign('{"sub": "alice"}'), 'JW006'],
	'the line\'s issuer is not the token\'s' => ['bob', foreign('{"iss": "https://open.example"}'), 'JW014'],
	'no iss' => ['bob', foreign('{"iss": null}'), 'JW014'],
	'expired' => ['alice', sql(qq{SELECT jwt.jws_sign(convert_to(jsonb_build_object('iss', '$ISSUER', 'sub', 'alice', 'aud', 'postgresql', 'scope', 'pg', 'exp', $IN_A_MINUTE - 61)::text, 'UTF8'), private_jwk::jsonb, '{"typ": "at+jwt"}') FROM jwt.keys WHERE issuer = '$ISSUER' AND state = 'active'}), 'JW010'],
	'without end' => ['bob', foreign('{"exp": null}'), 'JW020'],
	'without exp, for which the issuer does not ask' => ['bob', sql('SELECT jwt.jws_sign(convert_to(' . quoted(qq({"iss": "$OTHER", "sub": "robert", "aud": "postgresql", "scope": "pg"})) . q{, 'UTF8'), jwk) FROM foreign_key}), 'JW019'],
	'not yet valid' => ['alice', token('{"nbf": 4102444800}'), 'JW011'],
	'another audience' => ['alice', token('{"aud": "web"}'), 'JW016'],
	'no audience' => ['bob', foreign('{"aud": null}'), 'JW016'],
	'another type' => ['alice', token('{}', type => 'JWT'), 'JW018'],
	'no scope' => ['alice', token('{"scope": null}'), 'JW021'],
	'another scope' => ['alice', token('{"scope": "pgx p g"}'), 'JW021'],
	'one scope of two' => ['carol', token('{"sub": "carol"}'), 'JW021'],
	'a malformed scope' => ['alice', token('{"scope": 1}'), 'JW020'],
	'no subject' => ['alice', token('{"sub": null}'), 'JW019'],
	'a subject of two lines' => ['bob', foreign('{"sub": "robert\u000aLOG: all is well"}'), 'JW020'],
	'an issuer that nobody trusts' => ['lost', foreign(), 'JW015'],
	'an issuer without an audience' => ['open', foreign('{"iss": "https://open.example", "sub": "open"}'), 'JW016'],
	'bound to a key' => ['alice', token('{"cnf": {"jkt": "x"}}'), 'JW020'],
	'over max_token_size' => ['alice', token('{"pad": "' . ('x' x 20000) . '"}'), 'JW005'],
	'a role that the token does not name' => ['report', foreign('{"sub": "report", "realm": {"roles": ["reports"]}}'), 'JW022'],
	'no roles' => ['report', foreign('{"sub": "report"}'), 'JW022']);
refused($_, @{ $bad{$_} }) for sort keys %bad;

# What the server itself sees to.
for my $case ([ 'another role', 'alice', token('{"sub": "bob"}') ], [ 'a subject that no map has', 'bob', foreign('{"sub": "bob"}') ],
	[ 'not the alphabet', 'alice', 'a,b' ], [ 'longer than the protocol allows', 'alice', 'x' x 70000 ])
{
	my ($name, $user, $token) = @$case;
	my $session = log_in($user, $token);
	like($session->{error} // 'none', qr/^FATAL|closed/, "$name: refused");
	$session->close;
}
my $discovery = log_in('alice', undef);
like($discovery->{discovery}, qr{as\.example.*"scope":\s*"pg"}, 'a client that asks is told the issuer and the scope');

# ---- the session ----

my $alice = log_in('alice', token());
is($alice->query('SELECT count(*) FROM notes'), '500', 'row-level security sees the claims at once');
my $parallel = q{SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET parallel_leader_participation = off};
$alice->query($parallel);
like($alice->query('EXPLAIN (ANALYZE, COSTS OFF) SELECT count(*) FROM notes'), qr/Workers Launched: [1-9]/, 'there are parallel workers');
is($alice->query(q{SELECT count(*) FROM notes WHERE owner = jwt.subject()}), '500', 'and they have the claims');
$alice->query('DISCARD ALL');
is($alice->query('SELECT jwt.subject()'), 'alice', 'DISCARD ALL leaves them');
like($alice->query('RESET oauth_jwt.session'), qr/42501/, 'RESET is not hers');
like($alice->query(q{SET oauth_jwt.session = '{}'}), qr/42501/, 'nor SET');
$alice->query('SELECT jwt.clear_session()');
is($alice->query('SELECT jwt.subject()'), 'alice', 'clear_session ends what set_session began, and no more');

my $narrow = token('{"scope": "read"}');
is($alice->query("BEGIN; SELECT jwt.set_session('$narrow') IS NULL; SELECT jwt.has_scope('pg'), jwt.has_scope('read')"), "f\nf|t", 'a narrower token of hers, for a transaction');
$alice->query('COMMIT');
is($alice->query(q{SELECT jwt.has_scope('pg')}), 't', 'and back');
$alice->query("SELECT jwt.set_session('$narrow', false)");
is($alice->query(q{SELECT jwt.has_scope('pg')}), 'f', 'or for longer');
$alice->query('DISCARD ALL');
is($alice->query(q{SELECT jwt.has_scope('pg')}), 't', 'until DISCARD ALL');
my ($bobs, $others) = (token('{"sub": "bob"}'), foreign('{"sub": "alice"}'));
like($alice->query("SELECT jwt.set_session('$bobs')"), qr/JW043/, 'not another subject\'s');
like($alice->query("SELECT jwt.set_session('$others')"), qr/JW043/, 'nor of the same name elsewhere');
is($alice->query('SELECT jwt.subject()'), 'alice', 'she is who she was');
like($alice->query('SET oauth_jwt.allow_login_switch = on'), qr/42501/, 'the policy is a superuser\'s');
$alice->close;

sql('ALTER ROLE app SET oauth_jwt.allow_login_switch = on');
my $app = log_in('app', token('{"sub": "app"}'));
is($app->query("BEGIN; SELECT jwt.set_session('$bobs') IS NULL; SELECT jwt.subject(); COMMIT; SELECT jwt.subject()"), "f\nbob\napp",
	'a program that may acts for its users, and is itself afterwards');
$app->close;

$alice = log_in('alice', token(), parameters => [ options => '-c oauth_jwt.session={"claims":{"sub":"bob"}}' ]);
like($alice->{error}, qr/42501/, 'not by the connection\'s options');

# Where no claims are a log-in's, the setting of before is as it was.
is(sql(q{SELECT coalesce(jwt.subject(), 'nobody')}), 'nobody', 'other log-ins have none');

# ---- time ----

my $short = token('{}', more => ", expires_in => '2 seconds'");
$alice = log_in('alice', $short);
is($alice->query('SELECT jwt.subject()'), 'alice', 'a token about to end');
sleep 3;
like($alice->query('SELECT jwt.subject()'), qr/JW040/, 'a session ends with its token');
like($alice->query('SELECT count(*) FROM notes'), qr/JW040/, 'for row-level security as well');
my $fresh = token();
$alice->query("SELECT jwt.set_session('$fresh', false)");
is($alice->query('SELECT jwt.subject()'), 'alice', 'and goes on with a fresh one');
$alice->close;

# ---- keys ----

$alice = log_in('alice', token());
my $before = token();
sql("SELECT jwt.rotate_key('$ISSUER')");
accepted('after a rotation, without a word to the file', 'alice', token(), 'SELECT jwt.subject()', 'alice');
sql('SELECT jwt.export_trust()');
accepted('a token of the key before', 'alice', $before, 'SELECT jwt.subject()', 'alice');
is($alice->query('SELECT jwt.subject()'), 'alice', 'who is connected stays');
sql("SELECT jwt.rotate_key('$ISSUER')");
sql('SELECT jwt.export_trust()');
accepted('after another', 'alice', token(), 'SELECT jwt.subject()', 'alice');
sql(qq{SELECT jwt.revoke_key(issuer, kid) FROM jwt.keys WHERE issuer = '$ISSUER' AND state = 'retired'});
is($alice->query('SELECT jwt.subject()'), 'alice', 'a revoked key is good until it is exported');
sql('SELECT jwt.export_trust()');
refused('a token of a revoked key', 'alice', $before, 'JW006');
like($alice->query('SELECT jwt.subject()'), qr/JW042/, 'who is connected by it is nobody');
$alice->close;

# A retired key verifies for the issuer's token_lifetime, exported again or not.
$before = token('{}', more => ", expires_in => '1 hour'");
sql("SELECT jwt.rotate_key('$ISSUER'); UPDATE jwt.issuers SET token_lifetime = '2 seconds' WHERE issuer = '$ISSUER'; SELECT jwt.export_trust()");
$alice = log_in('alice', $before);
is($alice->query('SELECT jwt.subject()'), 'alice', 'a retired key');
sleep 3;
refused('a key retired long ago', 'alice', $before, 'JW006');
like($alice->query('SELECT jwt.subject()'), qr/JW042/, 'nor does its session last');
$alice->close;
sql("UPDATE jwt.issuers SET token_lifetime = '1 minute' WHERE issuer = '$ISSUER'");

# ---- the file ----

chmod 0666, $file;
refused('a file that others can write', 'alice', token(), 'JW055');
chmod 0600, $file;
my $kept = slurp_file($file);
for my $broken ('', '{}', '{"version": 2, "issuers": []}', substr($kept, 0, 100), '{"version": 1, "issuers": [1]}',
	'{"version": 1, "issuers": [{"issuer": "https://as.example", "keys": [{"kty": "x"}]}]}')
{
	open my $fh, '>', $file or die;
	print $fh $broken;
	close $fh;
	refused('a file that is none: ' . substr($broken, 0, 60), 'alice', token(), 'JW055');
}
unlink $file;
sql("UPDATE jwt.issuers SET enabled = false WHERE issuer = '$ISSUER'; SELECT jwt.export_trust()");
my $disabled = sql(qq{SELECT jwt.sign('{"iss": "$ISSUER"}', jwk) FROM foreign_key});
refused('an issuer that is not enabled', 'alice', $disabled, 'JW015');
sql("UPDATE jwt.issuers SET enabled = true WHERE issuer = '$ISSUER'; SELECT jwt.export_trust()");
accepted('and is again', 'alice', token(), 'SELECT jwt.subject()', 'alice');

sql('CREATE DATABASE second');
$node->safe_psql('second', 'CREATE EXTENSION oauth_jwt');
my ($code, $out, $err) = $node->psql('second', 'SELECT jwt.export_trust()');
like($err, qr/trust file is another database's/, 'one database exports');
($code, $out, $err) = $node->psql('postgres', 'GRANT EXECUTE ON FUNCTION jwt.write_trust_file(text) TO alice; SET ROLE alice; SELECT jwt.write_trust_file(\'{}\')');
like($err, qr/permission denied to write the trust file/, 'and no one but a superuser, granted or not');
($code, $out, $err) = $node->psql('postgres', 'SELECT jwt.write_trust_file(\'{"version": 1, "issuers": [{}]}\')');
like($err, qr/trust file is not usable/, 'what cannot be read is not written');
accepted('so log-ins go on', 'alice', token(), 'SELECT jwt.subject()', 'alice');

# ---- settings ----

sub with_setting
{
	my ($setting, $value, $test) = @_;
	sql("ALTER SYSTEM SET $setting = '$value'");
	$node->reload;
	$test->();
	sql("ALTER SYSTEM RESET $setting");
	$node->reload;
	return;
}

with_setting('oauth_jwt.login_audience', 'db1', sub {
	refused('login_audience', 'alice', token(), 'JW016');
	accepted('login_audience beside the issuer\'s', 'alice', token('{"aud": ["postgresql", "db1"]}'), 'SELECT jwt.subject()', 'alice');
	accepted('login_audience where the issuer has none', 'open', foreign('{"iss": "https://open.example", "sub": "open", "aud": "db1"}'), 'SELECT jwt.subject()', 'open');
});
with_setting('oauth_jwt.login_scope', 'login', sub {
	refused('login_scope', 'alice', token(), 'JW021');
	accepted('login_scope instead of the line\'s', 'alice', token('{"scp": ["login"], "scope": null}'), 'SELECT jwt.has_scope(\'login\')', 't');
});
with_setting('oauth_jwt.login_identity', 'email', sub {
	refused('login_identity', 'alice', token(), 'JW019');
	accepted('login_identity', 'alice', token('{"email": "alice", "sub": "4711"}'), 'SELECT jwt.subject(), system_user', '4711|oauth:alice');
});

# ---- options of a line ----

SKIP:
{
	skip 'pg_hba.conf has no options of a validator before PostgreSQL 19', 5 if $node->pg_version->major < 19;
	sql('CREATE ROLE nina LOGIN');
	accepted('options of the line', 'nina', foreign('{"email": "nina", "aud": ["postgresql", "db"]}'), 'SELECT system_user', 'oauth:nina');
	refused('the line\'s audience', 'nina', foreign('{"email": "nina"}'), 'JW016');
	refused('the line\'s identity', 'nina', foreign('{"sub": "nina", "aud": ["postgresql", "db"]}'), 'JW019');
}

# ---- encodings ----

sql(q{CREATE DATABASE latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0});
sql(q{CREATE DATABASE none ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0});
$node->safe_psql($_, 'CREATE EXTENSION oauth_jwt') for qw(latin1 none);

# A token that has its subject's name just so, as bytes or as an escape.
sub spelled
{
	my ($name) = @_;
	my $claims = qq({"iss": "$OTHER", "aud": "postgresql", "scope": "pg", "realm": {"roles": ["report"]}, "sub": "$name", "exp": );
	return sql('SELECT jwt.jws_sign(convert_to(' . quoted($claims) . " || ($IN_A_MINUTE) || '}', 'UTF8'), jwk) FROM foreign_key");
}

for my $name ("J\xc3\xbcrgen", 'J\u00fcrgen')
{
	for my $dbname (qw(postgres latin1 none))
	{
		my $session = log_in('report', spelled($name), dbname => $dbname);
		is($session->query(q{SET client_encoding = 'UTF8'; SELECT jwt.subject()}), "J\xc3\xbcrgen", "$name in $dbname") or diag(new_log());
		is($session->query(q{SELECT jwt.claims() ->> 'sub'}), "J\xc3\xbcrgen", "$name in $dbname, its claims");
		$session->close;
	}
}

# EUC_JP has one character for U+00A6 and U+FFE4: nobody is the one by the name of the other.
sql(q{CREATE DATABASE euc_jp ENCODING 'EUC_JP' LOCALE 'C' TEMPLATE template0});
$node->safe_psql('euc_jp', 'CREATE EXTENSION oauth_jwt');
for my $case ([ '\u00a6', 'JW001' ], [ "\xc2\xa6", 'JW001' ], [ '\uffe4', "\xef\xbf\xa4" ])
{
	my $session = log_in('report', spelled($case->[0]), dbname => 'euc_jp');
	like($session->query(q{SET client_encoding = 'UTF8'; SELECT jwt.subject()}), qr/$case->[1]/, "EUC_JP: $case->[0]");
	$session->close;
}

# ---- and not a word of any token ----

my $log = slurp_file($node->logfile);
my @told = grep { my ($whole) = $_; my @parts = split /\./, $whole; grep { length $_ > 20 && index($log, $_) >= 0 } $parts[-1], $parts[1] // () } @presented;
is(scalar(@told), 0, 'no token is in the log, of ' . @presented) or diag($told[0]);

$node->stop;
done_testing();
