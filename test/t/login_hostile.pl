# Hostile tokens against the validator: good ones cut, changed, put together from
# parts of others, and headers and payloads that no issuer would write.  None is
# let in, no backend crashes, and the postmaster is as large as before.
#
# HOSTILE_TOKENS says how many, HOSTILE_SEED which: the same seed, the same tokens.
# HOSTILE_GROWTH, in kB, is what the postmaster may grow, 1024: test/fuzz/login.sh
# runs this under AddressSanitizer, which keeps for a while what is freed.
use strict;
use warnings;
use MIME::Base64 qw(encode_base64url decode_base64url);
use OauthJwt;
use PostgreSQL::Test::Utils;
use Test::More;
use TokenLogin;

my $node = OauthJwt::new_node('login_hostile');
if ($node->pg_version < 18)
{
	plan skip_all => 'PostgreSQL has no log-in with a token before 18: nothing of src/validator is tested on ' . $node->pg_version;
}
my $count = $ENV{HOSTILE_TOKENS} || 1000;
my $seed = $ENV{HOSTILE_SEED} || time;
srand $seed;

$node->append_conf('postgresql.conf', "oauth_validator_libraries = 'oauth_jwt'");
unlink $node->data_dir . '/pg_hba.conf';
$node->append_conf('pg_hba.conf', qq{local all postgres trust\nlocal all alice oauth issuer="https://as.example" scope="pg"\n});
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION oauth_jwt;
	CREATE ROLE alice LOGIN;
	SELECT jwt.create_issuer('https://as.example', audience => '{postgresql}', algorithm => a) FROM (VALUES ('ES256')) AS v(a);
	SELECT jwt.rotate_key('https://as.example', algorithm => a), jwt.rotate_key('https://as.example', algorithm => a) FROM (VALUES ('RS256'), ('EdDSA')) AS v(a);
	SELECT jwt.export_trust();
});
my @good = split /\n/, $node->safe_psql('postgres', q{
	SELECT jwt.issue('{"sub": "alice", "aud": "postgresql", "scope": "pg", "groups": ["a", {"b": [1, 2.5, null]}], "name": "J\u00fcrgen"}', expires_in => '1 hour', kid => kid)
	FROM jwt.keys WHERE state = 'active'});
is(scalar(@good), 3, 'a good token of each algorithm');
for (@good)
{
	my $session = TokenLogin->new($node, user => 'alice', token => $_);
	is($session->{error}, undef, 'which logs in');
	$session->close;
}

sub one_of { return $_[ int rand @_ ] }

my @headers = ('{"alg":"none"}', '{"alg":"None"}', '{"alg":"HS256"}', '{"alg":"ES256","alg":"none"}', '{"alg":["ES256"]}', '{"alg":"ES256","crit":["x"],"x":1}',
	'{"alg":"ES256","b64":false,"crit":["b64"]}', '{"alg":"ES256","kid":"' . ('k' x 9000) . '"}', '{"alg":"ES256","jwk":{"kty":"EC"}}',
	'{"alg":"ES256","x":' . ('[' x 500) . (']' x 500) . '}', '{}', '[]', '""', '{', "\0", "{\"alg\":\"\\u0000\"}", "{\"alg\":\"ES256\",\"kid\":\"\xff\"}", '{"alg":"dir","enc":"A256GCM"}');
my @payloads = ('{}', '[]', 'null', '{"exp":1e999999}', '{"exp":"1"}', '{"iss":' . ('[' x 5000) . '}', "{\"sub\":\"\xed\xa0\x80\"}", '{"sub":"\ud800"}', '');

# Some bytes or bits of it become others.
sub changed
{
	my ($bytes) = @_;
	return $bytes if $bytes eq '';
	for (1 .. 1 + int rand 4)
	{
		my $at = int rand length $bytes;
		substr($bytes, $at, 1) = rand() < 0.5 ? chr int rand 256 : substr($bytes, $at, 1) ^ chr(1 << int rand 8);
	}
	return $bytes;
}

my @alphabet = ('A' .. 'Z', 'a' .. 'z', 0 .. 9, qw(- _ . ~ + / =));
my @ways = (
	sub { my $t = one_of(@good); substr($t, int rand length $t, 1) = one_of(@alphabet); return $t },
	sub { my $t = one_of(@good); return substr $t, 0, int rand length $t },
	sub { my $t = one_of(@good); substr($t, int rand length $t, int rand 20) = ''; return $t },
	sub { my $t = one_of(@good); substr($t, int rand length $t, 0) = join '', map { one_of(@alphabet) } 1 .. 1 + rand 20; return $t },
	sub { return join '.', map { one_of(split /\./, one_of(@good)) } 1 .. one_of(1 .. 6) },
	sub { my @p = split /\./, one_of(@good); $p[0] = encode_base64url(one_of(@headers)); return join '.', @p },
	sub { my @p = split /\./, one_of(@good); $p[1] = encode_base64url(one_of(@payloads)); return join '.', @p },
	sub { my @p = split /\./, one_of(@good); my $i = int rand 3; $p[$i] = encode_base64url(changed(decode_base64url($p[$i]))); return join '.', @p },
	sub { my @p = split /\./, one_of(@good); $p[2] = encode_base64url(one_of("\0" x 64, "\xff" x 64, "\0" x 256, '', "\0")); return join '.', @p },
	sub { return join '', map { one_of(@alphabet) } 1 .. 1 + rand 60000 });

sub resident_kb
{
	my ($pid) = @_;
	return slurp_file("/proc/$pid/status") =~ /^VmRSS:\s+(\d+)/m ? $1 : 0;
}

my $postmaster = (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[0];
my %is_good = map { $_ => 1 } @good;
my $before = resident_kb($postmaster);
my $growth = $ENV{HOSTILE_GROWTH} || 1024;
my ($sent, @let_in, @strange) = (0);
while ($sent < $count)
{
	my $token = one_of(@ways)->();
	next if $is_good{$token};
	$sent++;
	my $session = TokenLogin->new($node, user => 'alice', token => $token);
	push @let_in, $token unless defined $session->{error};
	push @strange, "$session->{error}: $token" unless ($session->{error} // '') =~ /^FATAL: (28000|08P01) |^connection closed/;
	$session->close;
}
is(scalar(@let_in), 0, "none of $sent tokens is let in (seed $seed)") or diag($let_in[0]);
is(scalar(@strange), 0, 'and each is refused as a log-in is') or diag($strange[0]);
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP|XX000/, 'no backend crashed');
cmp_ok(resident_kb($postmaster), '<', $before + $growth, "the postmaster is as large as before ($before kB)");
my $session = TokenLogin->new($node, user => 'alice', token => $good[0]);
is($session->query('SELECT jwt.subject()'), 'alice', 'and a good token logs in');
$session->close;

$node->stop;
done_testing();
