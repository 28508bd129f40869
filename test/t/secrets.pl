# Where a private key or a token could end up without anybody asking for it: in
# dumps, in the data directory and the WAL, in errors, the log and
# pg_stat_statements.  Looked for are the values themselves, in the encodings
# they may have, and not only the names of JWK members: first where they must be
# found, so that the looking itself is seen to work.
use strict;
use warnings;
use File::Find;
use MIME::Base64 qw(decode_base64url);
use OauthJwt;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = OauthJwt::new_node('secrets');
plan skip_all => 'pg_stat_statements is not installed: where secrets may end up is not tested'
  unless -f $node->config_data('--pkglibdir') . '/pg_stat_statements.so';
my $dir = PostgreSQL::Test::Utils::tempdir();
my $master = join '', map { sprintf '%02x', 7 * $_ % 256 } 1 .. 32;
append_to_file("$dir/master.key", "$master\n");
chmod 0600, "$dir/master.key" or die "chmod: $!";
# As PostgreSQL comes: no statements but those that fail, in whose text whoever
# writes a token as a literal has it.  Here they come from a table.
$node->append_conf('postgresql.conf', q{
	shared_preload_libraries = 'pg_stat_statements'
	pg_stat_statements.track = all
	log_statement = none
	log_min_messages = debug2
	log_error_verbosity = verbose
});
$node->start;

sub sql { return $node->safe_psql('postgres', $_[0]); }

# ---- the secrets: each private member, as stored, as bytes and in hexadecimal ----

sql(q{
	CREATE EXTENSION oauth_jwt;
	CREATE EXTENSION pg_stat_statements;
	SELECT jwt.create_issuer('https://' || lower(alg) || '.example', alg)
	FROM unnest(ARRAY['ES256', 'RS256', 'EdDSA', 'Ed448', 'ES512', 'HS256', 'HS512']) AS alg;
	SELECT jwt.rotate_key(issuer) FROM jwt.issuers;
});

my @members = split /\n/, sql(q{
	SELECT DISTINCT value FROM jwt.keys AS k, jsonb_each_text(k.private_jwk::jsonb)
	WHERE key IN ('d', 'p', 'q', 'dp', 'dq', 'qi', 'k') ORDER BY 1});
cmp_ok(scalar @members, '>=', 20, 'there are private members to look for');

sub spellings
{
	my ($value) = @_;
	my $bytes = decode_base64url($value);
	return ($value, $value =~ tr{-_}{+/}r, $bytes, unpack('H*', $bytes), uc unpack('H*', $bytes));
}

sub found
{
	my ($text, @secrets) = @_;
	return scalar grep { index($text, $_) >= 0 } @secrets;
}

my @spelled = map { spellings($_) } @members;

# ---- dumps, of which pg_restore undoes the compression ----

sub dumped
{
	my ($format) = @_;
	my $dump = "$dir/dump.$format";
	PostgreSQL::Test::Utils::system_or_bail('rm', '-rf', $dump);
	PostgreSQL::Test::Utils::system_or_bail('pg_dump', '-p', $node->port, '-h', $node->host, '-F', $format, '-f', $dump, 'postgres');
	return slurp_file($dump) if $format eq 'plain';
	PostgreSQL::Test::Utils::system_or_bail('pg_restore', '-f', "$dump.text", $dump);
	return slurp_file("$dump.text") . join '', map { slurp_file($_) } -d $dump ? glob("$dump/*") : $dump;
}

is(found(dumped($_), @members), scalar @members, "stored as they are, a dump in $_ format has all of them") for qw(plain custom directory);

# ---- the data directory with the WAL ----

sub on_disk
{
	my $all = '';
	sql('CHECKPOINT');
	my $database = sql(q{SELECT oid FROM pg_database WHERE datname = current_database()});
	find({ wanted => sub { $all .= slurp_file($_) if -f }, no_chdir => 1 }, map { $node->data_dir . "/$_" } "base/$database", 'pg_wal');
	return $all;
}
cmp_ok(found(on_disk(), @members), '>', 0, 'and the data directory has them');

# ---- sealed from the beginning, none is anywhere ----

sql('DROP EXTENSION oauth_jwt');
$node->append_conf('postgresql.conf', "oauth_jwt.master_key_file = '$dir/master.key'\n");
$node->restart;
sql(q{
	CREATE EXTENSION oauth_jwt;
	CREATE TABLE IF NOT EXISTS samples (name text PRIMARY KEY, value text);
	SELECT jwt.create_issuer('https://own.example');
});

# Keys that are known here and nowhere else: generated in the statement that
# stores them, they go out over the connection and not into a table.
sub import_keys
{
	my (@algorithms) = @_;
	my @values;
	for my $algorithm (@algorithms)
	{
		my ($issuer, $jwk) = split /\n/, sql(qq{
			CREATE TEMP TABLE fresh AS SELECT jwt.generate_key('$algorithm', kid => '$algorithm') AS jwk;
			INSERT INTO jwt.issuers (issuer, own) VALUES ('https://\L$algorithm\E.example', true) RETURNING issuer;
			SELECT jwk FROM fresh;
			SELECT count(jwt.import_key('https://\L$algorithm\E.example', jwk::text)) FROM fresh;
			SELECT count((jwt.check(jwt.issue('{}', 'https://\L$algorithm\E.example'))).claims) FROM fresh;
			DROP TABLE fresh});
		push @values, $jwk =~ /"(?:d|p|q|dp|dq|qi|k)": "([^"]+)"/g;
	}
	return @values;
}
my @sealed = import_keys(qw(ES256 RS256 EdDSA HS256));
cmp_ok(scalar @sealed, '>=', 1 + 6 + 1 + 1, 'there are sealed members to look for');
my @sealed_spelled = map { spellings($_) } @sealed;
sql('SELECT jwt.reseal_keys(); UPDATE jwt.keys SET private_jwk = private_jwk');

for my $format (qw(plain custom directory))
{
	my $text = dumped($format);
	cmp_ok(index($text, 'https://es256.example'), '>=', 0, "a dump in $format format has the issuers");
	is(found($text, @sealed_spelled), 0, '... and no private member in any spelling');
	is(found($text, @spelled), 0, '... nor one from before') if $format eq 'plain';
	is(found($text, $master, $master =~ /(.{32})/, pack('H*', $master)), 0, '... nor the master key');
}
# Temporary tables are not in the WAL, and their files are gone.
my $disk = on_disk();
is(found($disk, @sealed_spelled), 0, 'sealed from the beginning, a private member is not in the data directory or the WAL');
is(found($disk, $master, pack('H*', $master)), 0, 'nor is the master key');

# ---- errors and the log, after every failure we know how to provoke ----

sql(<<'SQL');
	INSERT INTO samples
	SELECT 'token', jwt.issue('{"sub": "sub-never-logged"}', 'https://own.example') UNION ALL
	SELECT 'odd ' || n, jwt.issue(claims, 'https://own.example')
	FROM unnest(ARRAY['{"sub": 1, "x": "odd-never-logged"}', '{"scope": {}, "x": "odd-never-logged"}', '{"roles": 1, "x": "odd-never-logged"}', '{"aud": 1}']::jsonb[]) WITH ORDINALITY AS o (claims, n) UNION ALL
	SELECT 'hs', jwt.sign('{"iss": "https://own.example"}', repeat('secret-never-logged ', 4)) UNION ALL
	SELECT 'expired', jwt.sign('{"exp": 1}', repeat('secret-never-logged ', 4)) UNION ALL
	SELECT 'early', jwt.sign('{"nbf": 9999999999}', repeat('secret-never-logged ', 4)) UNION ALL
	SELECT 'encrypted', jwt.jwe_encrypt('plaintext-never-logged', jwt.generate_key('A256KW'), '{"alg": "A256KW", "enc": "A256GCM"}') UNION ALL
	SELECT 'secret', repeat('secret-never-logged ', 4) UNION ALL
	SELECT 'short', 'secret-never-logged' UNION ALL
	SELECT 'private', jwt.generate_key('ES256')::text UNION ALL
	SELECT 'rsa', jwt.generate_key('RS256')::text UNION ALL
	SELECT 'oct', jwt.generate_key('HS256')::text;
	INSERT INTO samples
	SELECT 'pem', jwt.key_to_pem(value::jsonb) FROM samples WHERE name = 'rsa' UNION ALL
	SELECT 'cut', left(value, -1) FROM samples WHERE name = 'token' UNION ALL
	SELECT 'parts', value || '.x' FROM samples WHERE name = 'token' UNION ALL
	SELECT 'spaced', value || ' ' FROM samples WHERE name = 'token' UNION ALL
	SELECT 'broken private', overlay(value PLACING '"d": 1, "d_": "' FROM strpos(value, '"d": "') FOR 6) FROM samples WHERE name = 'private' UNION ALL
	SELECT 'half private', regexp_replace(value, '"x": "[^"]+", ', '') FROM samples WHERE name = 'private' UNION ALL
	SELECT 'not json', '{"kty": "oct", "k": "' || repeat('secret-never-logged', 4) FROM samples WHERE name = 'oct';
	INSERT INTO samples SELECT 'broken pem', overlay(value PLACING 'AAAA' FROM 40) FROM samples WHERE name = 'pem';
SQL
# <name> stands for a sample, so that no statement has it in its text.
my @failures = (
	(map { ("SELECT jwt.verify(<$_>)", "SELECT jwt.set_session(<$_>)", "SELECT jwt.decode(<$_>)") }
		  'cut', 'parts', 'spaced', 'hs', 'expired', 'encrypted', 'secret'),
	(map { ("SELECT jwt.verify(<$_>, <secret>, max_age => '1 s', issuer => 'x', audience => '{x}')") } 'token', 'cut', 'hs', 'expired', 'early', 'encrypted'),
	(map { "SELECT jwt.set_session(<odd $_>)" } 1 .. 4),
	(map { ("SELECT jwt.verify(<hs>, <$_>)", "SELECT jwt.sign('{}', <$_>, 'PS384')", "SELECT jwt.key_from_pem(<$_>)",
			"SELECT jwt.import_key('https://own.example', <$_>, 'RS512')", "SELECT jwt.import_key('https://own.example', <$_>, kid => '')",
			"SELECT jwt.import_key('https://none.example', <$_>)", "SELECT jwt.import_key(NULL, <$_>)",
			"SELECT jwt.trust_issuer('https://x.example', secret => <$_>, algorithms => '{ES256}')",
			"SELECT jwt.trust_issuer(NULL, secret => <$_>)", "SELECT jwt.reseal('https://own.example', 'x', <$_>)") }
		  'secret', 'short', 'private', 'rsa', 'oct', 'pem', 'broken private', 'half private', 'not json', 'broken pem', 'token'),
	# only what is JSON: the cast of what is not is PostgreSQL's, and shows it
	(map { ("SELECT jwt.verify(<hs>, <$_>::jsonb)", "SELECT jwt.sign('{}', <$_>::jsonb, 'HS512')", "SELECT jwt.public_key(<$_>::jsonb)",
			"SELECT jwt.thumbprint(<$_>::jsonb)", "SELECT jwt.trust_issuer('https://x.example', jwks => <$_>::jsonb)",
			"SELECT jwt.jwe_decrypt(<encrypted>, <$_>::jsonb)", "SELECT jwt.jwe_encrypt('x', <$_>::jsonb)",
			"SELECT jwt.jws_sign('x', <$_>::jsonb, '{\"alg\": \"RS384\"}')") }
		  'private', 'rsa', 'oct', 'broken private', 'half private'),
	"UPDATE jwt.keys SET private_jwk = (SELECT private_jwk FROM jwt.keys WHERE kid = 'HS256'); SELECT jwt.issue('{}', 'https://own.example')");
s/<([\w ]+)>/(SELECT value FROM samples WHERE name = '$1')/g for @failures;
my $mark = -s $node->logfile;
my ($code, $out, $errors) = $node->psql('postgres',
	join("\n", '\set VERBOSITY verbose', map { "BEGIN; $_; ROLLBACK;" } @failures), on_error_stop => 0);
my $refusals = () = $errors =~ /ERROR:/g;
cmp_ok($refusals, '>=', 0.8 * @failures, "$refusals of " . @failures . ' statements failed');

my @tokens = split /\n/, sql(q{SELECT unnest(string_to_array(value, '.')) FROM samples WHERE name IN ('token', 'hs', 'expired', 'early', 'encrypted') OR name LIKE 'odd%'});
my @private = split /\n/, sql(q{
	SELECT value FROM (SELECT m.key, m.value FROM samples AS s, jsonb_each_text(s.value::jsonb) AS m WHERE name IN ('private', 'rsa', 'oct')) AS m
	WHERE m.key IN ('d', 'p', 'q', 'dp', 'dq', 'qi', 'k')});
my @lines = grep { length > 40 } split /\n/, sql(q{SELECT value FROM samples WHERE name IN ('pem', 'broken pem')});
my @watched = ((grep { length > 12 && !/^eyJhbGciOi/ } @tokens), (map { spellings($_) } @private), @lines, 'never-logged', 'bmV2ZXItbG9nZ2Vk');
cmp_ok(scalar @watched, '>', 60, 'there are tokens and secrets to look for');
is(found(sql('SELECT value FROM samples'), grep { length > 12 && !/^eyJhbGciOi/ } @tokens), scalar(grep { length > 12 && !/^eyJhbGciOi/ } @tokens), '... which are found where they are');

sub shown
{
	my ($text) = @_;
	return join ' ', map { my $at = index($text, $_); $at < 0 ? () : substr($text, $at > 80 ? $at - 80 : 0, 160) } @watched;
}

is(shown($errors), '', 'no error shows a token or a secret');
my $log = substr(slurp_file($node->logfile), $mark);
like($log, qr/JW007.*JW0/s, 'the log has the errors');
is(shown($log), '', 'and no token or secret, at debug2 and with the statements that failed');

# ---- plans, of statements that have the secret from elsewhere ----

# How debug_print_plan writes a constant: its bytes, signed, in decimal.
sub in_plan
{
	return join ' ', unpack 'c*', $_[0];
}
# A function that does nothing about it, so that the looking itself is seen to work.
sql('CREATE FUNCTION shows(secret text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM concat(shows.secret, n) FROM generate_series(1, 2) AS n; END $$');
my $explained = sub {
	my ($call) = @_;
	my $from = -s $node->logfile;
	sql("LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on; SET auto_explain.log_verbose = on;
		SET debug_print_plan = on; SET debug_print_rewritten = on; BEGIN; $call FROM samples WHERE name = 'secret'; ROLLBACK");
	# it is broken into lines anywhere
	return substr(slurp_file($node->logfile), $from) =~ s{\s+}{ }gr;
};
is(found($explained->('SELECT shows(value)'), 'secret-never-logged', in_plan('secret-never-logged')), 2, 'a plan made for a secret shows it, as text and as bytes');
for my $call (q{jwt.import_key('https://own.example', value, kid => 'explained')}, q{jwt.trust_issuer('https://explained.example', secret => value)})
{
	my $plans = $explained->("SELECT $call");
	ok($plans =~ /Function Call: jwt\.prepare_stored_key.*INSERT INTO jwt\.keys/s, "$call: auto_explain shows what it does");
	is(found($plans, 'secret-never-logged', in_plan('secret-never-logged'), 'c2VjcmV0LW5ldmVyLWxvZ2dlZ', in_plan('c2VjcmV0LW5ldmVyLWxvZ2dlZ')), 0, '... and no plan the secret');
}

# A password of a user's, also where it is hashed anew since the cost has grown.
sql(q{SELECT oauth.create_issuer('https://login.example'); SELECT oauth.create_user('eve', 'other', issuer => 'https://login.example');
	SET oauth_jwt.password_cost = 10; SELECT oauth.create_user('old', value, issuer => 'https://login.example') FROM samples WHERE name = 'secret'});
for my $call (q{oauth.create_user('new', value, issuer => 'https://login.example')}, q{oauth.set_password('eve', value, 'https://login.example')},
	q{oauth.authenticate_user((SELECT i FROM oauth.issuers AS i WHERE i.issuer = 'https://login.example'), 'old', value)})
{
	my $plans = $explained->("SET LOCAL oauth_jwt.password_cost = 11; SELECT $call");
	ok($plans =~ /(?:INSERT INTO|UPDATE) oauth\.users/, "$call: auto_explain shows what it does");
	is(found($plans, 'secret-never-logged', in_plan('secret-never-logged')), 0, '... and no plan the password');
}

# ---- pg_stat_statements, of statements with literals ----

my $token = sql(q{SELECT jwt.issue('{"sub": "literal"}', 'https://own.example')});
my $secret = 'literal-secret-0123456789-0123456789-0123456789';
my @statements = (
	"SELECT jwt.verify('$token')", "SELECT jwt.set_session('$token')", "SELECT (jwt.check('$token')).valid", "SELECT count(*) FROM jwt.explain('$token')",
	"SELECT jwt.sign('{}', '$secret')", "SELECT jwt.verify(jwt.sign('{}', '$secret'), '$secret')",
	"SELECT jwt.trust_issuer('https://literal.example', secret => '$secret')", "SELECT jwt.import_key('https://own.example', '$secret')");
sql($_) for @statements;
my $statistics = sql('SELECT query FROM pg_stat_statements');
like($statistics, qr/SELECT jwt\.import_key\('https|SELECT jwt\.import_key\(\$1/, 'pg_stat_statements has the statements');
is(index($statistics, $secret), -1, '... and not the secret');
is(index($statistics, (split /\./, $token)[$_]), -1, '... nor the token, part ' . ($_ + 1)) for 1, 2;
is(found($statistics, @sealed_spelled), 0, '... nor a private member');

$node->stop;
done_testing();
