# Private keys at rest: once a master key is set, neither the table, nor a dump
# in any format, nor the server's log holds one; and a dump restores to the same.
use strict;
use warnings;
use OauthJwt;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = OauthJwt::new_node('at_rest');
my $dir = PostgreSQL::Test::Utils::tempdir();
my $file = "$dir/master.key";
$node->append_conf('postgresql.conf', "log_statement = none\nlog_min_messages = debug1\n");
$node->start;

sub sql { return $node->safe_psql('postgres', $_[0]); }

# The error's SQLSTATE and detail.
sub refusal
{
	my ($sql) = @_;
	my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$sql");
	return $err;
}

sub write_file
{
	my ($path, $mode, @lines) = @_;
	unlink $path;
	append_to_file($path, join("\n", @lines, ''));
	chmod $mode, $path or die "chmod: $!";
	return;
}

# Backends read the setting anew after a reload; every psql is a new backend.
sub use_file
{
	my ($path) = @_;
	# the server knows the setting once the library is loaded
	sql("LOAD 'oauth_jwt'; ALTER SYSTEM SET oauth_jwt.master_key_file = '$path'");
	$node->reload;
	return $node->poll_query_until('postgres', "SELECT current_setting('oauth_jwt.master_key_file', true) = '$path'");
}

my $first = 'ab' x 32;                                            # hexadecimal
my $second = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';    # base64

sql(q{CREATE EXTENSION oauth_jwt; CREATE ROLE app LOGIN;
	SELECT jwt.create_issuer('https://plain.example')});
like(sql('SELECT private_jwk FROM jwt.keys'), qr/^\{/, 'without a master key a private key is stored as it is');

# ---- files that will not do ----

my $attempt = q{SELECT jwt.create_issuer('https://refused.example')};
write_file($file, 0644, $first);
use_file($file);
like(refusal($attempt), qr/JW051.*\n.*read by group or others/, 'readable by others');
write_file($file, 0600, 'not a key');
like(refusal($attempt), qr/JW051.*\n.*not 32 bytes/, 'a line that is no key');
unlike(refusal($attempt), qr/not a key/, 'and the line is not shown');
write_file($file, 0600, '# nothing but a comment');
like(refusal($attempt), qr/JW051.*\n.*holds no key/, 'no key in it');
use_file("$dir/absent.key");
like(refusal($attempt), qr/JW051.*\n.*cannot be opened/, 'no such file');
write_file($node->data_dir . '/inside.key', 0600, $first);
use_file($node->data_dir . '/inside.key');
like(refusal($attempt), qr/JW051.*\n.*inside the data directory/, 'inside the data directory');
is(sql(q{SELECT count(*) FROM jwt.issuers WHERE issuer = 'https://refused.example'}), 0, 'nothing was changed');

# ---- sealed ----

write_file($file, 0600, '# the master key', $first);
use_file($file);
is(sql('SELECT jwt.reseal_keys()'), 2, 'what was plain is sealed, the key that signs and the next');
sql(q{SELECT jwt.create_issuer('https://es.example'), jwt.create_issuer('https://rs.example', 'RS256'),
	jwt.create_issuer('https://ed.example', 'EdDSA'), jwt.rotate_key('https://es.example'),
	jwt.trust_issuer('https://hs.example', secret => 'a shared secret of thirty-two bytes or more')});
is(sql(q[SELECT count(*) FROM jwt.keys WHERE private_jwk LIKE '{%']), 0, 'no key is stored as it is');
is(sql(q{SELECT string_agg(jwt.verify(jwt.issue('{}', issuer)) ->> 'iss', ' ' ORDER BY issuer) FROM jwt.issuers WHERE own}),
	'https://ed.example https://es.example https://plain.example https://rs.example', 'and all of our own sign and verify');
is(sql(q{SELECT jwt.verify(jwt.sign('{"iss": "https://hs.example"}', 'a shared secret of thirty-two bytes or more', expires_in => '1 hour')) ->> 'iss'}),
	'https://hs.example', '... and the shared secret verifies');

# ---- who reads them ----

for my $what ('SELECT private_jwk FROM jwt.keys', 'SELECT * FROM jwt.issuers', 'TABLE jwt.keys',
	q{SELECT jwt.issue('{}')}, q{SELECT jwt.reseal('a', 'b', 'c')}, q{SELECT jwt.make_stored_key('a', 'ES256', NULL)},
	q{SELECT jwt.rotate_key('https://es.example')}, q{SELECT jwt.revoke_key('https://es.example', 'x')}, 'COPY jwt.keys TO STDOUT')
{
	my ($code, $out, $err) = $node->psql('postgres', $what, extra_params => [ '-U', 'app' ]);
	like($err, qr/permission denied/, "an ordinary user: $what");
}
my ($code, $public) = $node->psql('postgres', 'SELECT jwt.jwks()', extra_params => [ '-U', 'app' ]);
unlike($public, qr/"(d|p|q|dp|dq|qi|k)"/, 'what is published has no private member');
unlike(sql(q{GRANT EXECUTE ON FUNCTION jwt.issue TO app; SELECT jwt.decode(jwt.issue('{}', 'https://es.example'))}), qr/"d"/, 'nor has a token');
($code, my $issued) = $node->psql('postgres', q{SELECT jwt.issue('{}', 'https://es.example')}, extra_params => [ '-U', 'app' ]);
like($issued, qr/^ey/, 'who is granted jwt.issue issues, without reading a key');

# ---- dumps ----

for my $format (qw(plain custom directory))
{
	my $dump = "$dir/dump.$format";
	$node->command_ok([ 'pg_dump', '-p', $node->port, '-h', $node->host, '-F', $format, '-Z', 0, '-f', $dump, 'postgres' ], "pg_dump, $format");
	my $text = join '', map { slurp_file($_) } -d $dump ? glob("$dump/*") : $dump;
	like($text, qr/https:\/\/es\.example/, "$format: the keys are in it");
	unlike($text, qr/"(d|p|q|dp|dq|qi|k)"\s*:/, "$format: no private member");
	unlike($text, qr/a shared secret of thirty-two bytes|YSBzaGFyZWQgc2VjcmV0/, "$format: no shared secret, plain or in base64");
	unlike($text, qr/$first|BEGIN PRIVATE/i, "$format: no master key, no PEM");
}
sql('CREATE DATABASE restored');
$node->command_ok([ 'psql', '-q', '-X', '-v', 'ON_ERROR_STOP=1', '-p', $node->port, '-h', $node->host, '-d', 'restored', '-f', "$dir/dump.plain" ], 'restored');
my $fingerprint = q{SELECT md5(string_agg(k::text, '|' ORDER BY issuer, kid)) FROM jwt.keys AS k};
is($node->safe_psql('restored', $fingerprint), sql($fingerprint), 'the same keys');
is($node->safe_psql('restored', q{SELECT jwt.verify(jwt.issue('{"sub": "x"}', 'https://es.example')) ->> 'sub'}), 'x', 'which sign and verify');

# ---- rows that were altered ----

sql(q{UPDATE jwt.keys SET private_jwk = (SELECT private_jwk FROM jwt.keys WHERE issuer = 'https://plain.example' AND state = 'active') WHERE issuer = 'https://ed.example'});
like(refusal(q{SELECT jwt.issue('{}', 'https://ed.example')}), qr/JW052/, 'a sealed key moved to another row does not open');

# ---- a new master key ----

write_file($file, 0600, $second, $first);
like(sql(q{DELETE FROM jwt.issuers WHERE issuer = 'https://ed.example'; SELECT jwt.reseal_keys()}), qr/^[1-9]/, 'sealed under the new master key');
write_file($file, 0600, $second);
is(sql(q{SELECT jwt.verify(jwt.issue('{}', 'https://rs.example')) ->> 'iss'}), 'https://rs.example', 'the old one is not needed any more');
write_file($file, 0600, $first);
like(refusal(q{SELECT jwt.issue('{}', 'https://rs.example')}), qr/JW052/, 'and does not open them');

# ---- the log ----

my $log = slurp_file($node->logfile);
unlike($log, qr/"(d|p|q|dp|dq|qi|k)"\s*:/, 'the log: no private member');
unlike($log, qr/eyJ[A-Za-z0-9_-]{20,}\./, 'the log: no token');

$node->stop;
done_testing();
