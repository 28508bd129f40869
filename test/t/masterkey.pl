# The master key's file: what is accepted as one, where it may lie, and that a
# sealed key opens in its own row and nowhere else.
use strict;
use warnings;
use OauthJwt;
use POSIX ();
use PostgreSQL::Test::Utils;
use Test::More;

my $node = OauthJwt::new_node('masterkey');
my $dir = PostgreSQL::Test::Utils::tempdir();
my $file = "$dir/master.key";
$node->append_conf('postgresql.conf', "oauth_jwt.master_key_file = '$file'\n");
$node->start;

sub sql { return $node->safe_psql('postgres', $_[0]); }

sub refusal
{
	my ($sql) = @_;
	my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$sql");
	return $err;
}

# Put something in the file's place.
sub place
{
	my ($content, $mode) = @_;
	unlink $file;
	rmdir $file;
	append_to_file($file, $content);
	chmod $mode // 0600, $file or die "chmod: $!";
	return;
}

my $hex = join '', map { sprintf '%02x', $_ } 0 .. 31;
my $base64 = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';	# the same bytes
my $other = 'fb' x 32;
my $other_base64 = '+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=';
my $issue = q{SELECT (jwt.check(jwt.issue('{}', 'https://one.example'))).valid};

place("$hex\n");
sql(q{CREATE EXTENSION oauth_jwt; SELECT jwt.create_issuer('https://one.example')});
is(sql($issue), 't', 'a key is sealed and opened');

# ---- the same key in every spelling; the library reads the file anew for each session ----

for my $case (
	[ 'hexadecimal in capitals', uc($hex) . "\n" ],
	[ 'no newline at the end', $hex ],
	[ 'lines that end in CR LF', "# comment\r\n$hex\r\n" ],
	[ 'empty lines and comments', "\n\n# first\n$hex\n\n#last" ],
	[ 'base64', "$base64\n" ],
	[ 'base64url without padding', 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8' . "\n" ],
	[ 'not the first line', "$other\n$hex\n" ])
{
	place($case->[1]);
	is(sql($issue), 't', "opens: $case->[0]");
}
place("$other\n");
sql(q{SELECT jwt.create_issuer('https://two.example')});
for my $spelling ($other_base64, $other_base64 =~ tr{+/}{-_}r)
{
	place("$spelling\n");
	is(sql(q{SELECT (jwt.check(jwt.issue('{}', 'https://two.example'))).valid}), 't', "opens: $spelling");
}

# ---- what is no key, and none of it shown ----

for my $case (
	[ 'an empty file', '', 'holds no key' ],
	[ 'a line too short', substr($hex, 2), 'not 32 bytes' ],
	[ 'a line too long', $hex . '00', 'not 32 bytes' ],
	[ 'an odd digit', substr($hex, 1), 'not 32 bytes' ],
	[ 'hexadecimal with a letter too far', 'g' . substr($hex, 1), 'not 32 bytes' ],
	[ 'base64 with unused bits set', substr($base64, 0, 42) . '9=', 'not 32 bytes' ],
	[ 'a space before', " $hex", 'not 32 bytes' ],
	[ 'a space after', "$hex ", 'not 32 bytes' ],
	[ 'a good line and a bad one', "$hex\nsecret", 'not 32 bytes' ],
	[ 'a NUL', "\0$hex", 'holds no key' ],
	[ 'a large file', "# filler\n" x 2000 . $hex, 'too large' ])
{
	my ($name, $content, $detail) = @$case;
	place($content);
	my $error = refusal($issue);
	like($error, qr/JW051.*\n.*$detail/, "refused: $name");
	unlike($error, qr/[0-9a-fA-F]{30}|secret/, "$name: the error shows nothing of it");
}

# ---- where and whose ----

place($hex, $_), like(refusal($issue), qr/JW051.*\n.*read by group or others/, sprintf('refused: mode %o', $_))
  for 0640, 0604, 0644, 0660, 0602, 0666, 0601;
place($hex, 0400);
is(sql($issue), 't', 'read-only will do');
place($hex, 0000);
like(refusal($issue), qr/JW051.*\n.*cannot be opened/, 'refused: mode 0');

my $inside = $node->data_dir . '/base/master.key';
append_to_file($inside, $hex);
chmod 0600, $inside;
unlink $file;
symlink $inside, $file or die "symlink: $!";
like(refusal($issue), qr/JW051.*\n.*inside the data directory/, 'refused: a link into the data directory');
unlink $file;
link $inside, $file or die "link: $!";
is(sql($issue), 't', 'a hard link cannot be told from a file');
unlink $file, $inside;
like(refusal($issue), qr/JW051.*\n.*cannot be opened/, 'refused: no file');
mkdir $file;
like(refusal($issue), qr/JW051/, 'refused: a directory');
rmdir $file;
symlink '/dev/zero', $file;
like(refusal($issue), qr/JW051/, 'refused: a device');
unlink $file;
append_to_file("$dir/elsewhere.key", $hex);
chmod 0600, "$dir/elsewhere.key";
symlink "$dir/elsewhere.key", $file;
is(sql($issue), 't', 'a link elsewhere is followed');

# A FIFO that nobody writes to must not hold the backend up for ever.
unlink $file;
POSIX::mkfifo($file, 0600) or die "mkfifo: $!";
my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$issue", timeout => 20, timed_out => \my $timed_out);
like($timed_out ? 'timed out' : $err, qr/JW051.*\n.*not name a regular file/, 'refused at once: a FIFO');

# ---- a sealed key is tied to its row ----

place("$hex\n$other\n");
sql(q{SELECT jwt.rotate_key('https://one.example')});
my $sealed = q{(SELECT private_jwk FROM jwt.keys WHERE issuer = 'https://one.example' AND state = 'active')};
for my $case (
	[ 'another issuer', qq{UPDATE jwt.keys SET private_jwk = $sealed WHERE issuer = 'https://two.example'}, 'https://two.example' ],
	[ 'another issuer, with its kid',
		qq{UPDATE jwt.keys SET private_jwk = $sealed, kid = (SELECT kid FROM jwt.keys WHERE issuer = 'https://one.example' AND state = 'active') WHERE issuer = 'https://two.example' AND state = 'active'},
		'https://two.example' ],
	[ 'another kid of its issuer', qq{UPDATE jwt.keys SET private_jwk = (SELECT private_jwk FROM jwt.keys WHERE issuer = 'https://one.example' AND state = 'next')
		WHERE issuer = 'https://one.example' AND state = 'active'}, 'https://one.example' ],
	[ 'its row under another kid', q{UPDATE jwt.keys SET kid = 'renamed' WHERE issuer = 'https://one.example' AND state = 'active'}, 'https://one.example' ],
	[ 'cut short', q{UPDATE jwt.keys SET private_jwk = left(private_jwk, -1) WHERE issuer = 'https://one.example' AND state = 'active'}, 'https://one.example' ],
	[ 'its tag changed', q{UPDATE jwt.keys SET private_jwk = overlay(private_jwk PLACING translate(substr(private_jwk, length(private_jwk) - 5, 1), 'AB', 'BA') || 'AA' FROM length(private_jwk) - 5)
		WHERE issuer = 'https://one.example' AND state = 'active'}, 'https://one.example' ])
{
	my ($name, $change, $issuer) = @$case;
	like(refusal("BEGIN; $change; SELECT jwt.issue('{}', '$issuer'); ROLLBACK"), qr/ERROR:  JW052/, "does not open: $name");
	like(refusal("BEGIN; $change; SELECT jwt.reseal_keys(); ROLLBACK"), qr/ERROR:  JW052/, "nor is it sealed anew: $name");
}
is(sql($issue), 't', 'in its own row it does');

# ---- under a new master key ----

my $under_other = sql(q{SELECT count(*) FROM jwt.keys WHERE private_jwk IS NOT NULL});
place("$other\n$hex\n");
is(sql('SELECT jwt.reseal_keys()'), $under_other, 'all keys are sealed under the new first line');
place("$hex\n");
like(refusal($issue), qr/JW052/, 'the old line alone opens none');
place("$other\n");
is(sql($issue), 't', 'the new one alone does');
is(sql(q{SELECT (jwt.check(jwt.issue('{}', 'https://two.example'))).valid}), 't', '... for all');

$node->stop;
done_testing();
