# TokenLogin.pm: log in to a server with a token, any token, as libpq would not:
# the protocol's messages by hand, OAUTHBEARER (RFC 7628) within.
#
#	my $session = TokenLogin->new($node, user => 'alice', token => $token, dbname => 'postgres');
#	$session->{error}                     why the server refused, or undef
#	$session->query('SELECT 1, 2')        "1|2", or "ERROR: JW040 ..."
#	$session->close
#
# token may be left out, for the request without one that asks the server for
# its issuer; $session->{discovery} is then the server's answer.
package TokenLogin;

use strict;
use warnings;
use IO::Socket::UNIX;

sub send_message
{
	my ($self, $type, $body) = @_;
	$self->{socket}->print($type . pack('N', length($body) + 4) . $body);
	return;
}

sub read_bytes
{
	my ($self, $count) = @_;
	my $bytes = '';
	while (length($bytes) < $count)
	{
		read($self->{socket}, $bytes, $count - length($bytes), length($bytes)) or return;
	}
	return $bytes;
}

sub read_message
{
	my ($self) = @_;
	my $head = $self->read_bytes(5) // return ('', '');
	my ($type, $length) = unpack('a N', $head);
	return ($type, $length > 4 ? $self->read_bytes($length - 4) // '' : '');
}

# "FATAL: 28000 OAuth bearer authentication failed ..."
sub error_text
{
	my ($body) = @_;
	my %field = map { (substr($_, 0, 1) => substr($_, 1)) } grep { $_ ne '' } split /\0/, $body;
	return "$field{S}: $field{C} $field{M}" . (defined $field{D} ? " $field{D}" : '');
}

sub authenticate
{
	my ($self, $body, $token) = @_;
	my $code = unpack('N', $body);
	if ($code == 10)
	{
		my $first = "n,,\x01auth=" . (defined $token ? "Bearer $token" : '') . "\x01\x01";
		$self->send_message('p', "OAUTHBEARER\0" . pack('N', length $first) . $first);
	}
	elsif ($code == 11)
	{
		$self->{discovery} = substr($body, 4);
		$self->send_message('p', "\x01");
	}
	return;
}

# Up to the next ReadyForQuery: the rows, or the first error.
sub collect
{
	my ($self, $token) = @_;
	my (@rows, $error);
	while (1)
	{
		my ($type, $body) = $self->read_message;
		if ($type eq '') { $error //= 'connection closed'; last }
		last if $type eq 'Z';
		$self->authenticate($body, $token) if $type eq 'R';
		$error //= error_text($body) if $type eq 'E';
		push @rows, row_text($body) if $type eq 'D';
	}
	return (\@rows, $error);
}

sub row_text
{
	my ($body) = @_;
	my ($count, $rest) = unpack('n a*', $body);
	my @values;
	for (1 .. $count)
	{
		my $length = unpack('l>', $rest);
		push @values, $length < 0 ? '' : substr($rest, 4, $length);
		$rest = substr($rest, 4 + ($length < 0 ? 0 : $length));
	}
	return join '|', @values;
}

sub new
{
	my ($class, $node, %arg) = @_;
	my $path = $node->host . '/.s.PGSQL.' . $node->port;
	my $self = bless { socket => IO::Socket::UNIX->new(Peer => $path) }, $class;
	die "$path: $!\n" unless $self->{socket};
	$self->{socket}->autoflush(1);
	local $SIG{PIPE} = 'IGNORE';
	my $parameters = join("\0", user => $arg{user}, database => $arg{dbname} || 'postgres', @{ $arg{parameters} || [] }, '', '');
	$self->{socket}->print(pack('N N', length($parameters) + 8, 196608) . $parameters);
	(undef, $self->{error}) = $self->collect($arg{token});
	return $self;
}

sub query
{
	my ($self, $sql) = @_;
	return $self->{error} if defined $self->{error};
	$self->send_message('Q', "$sql\0");
	my ($rows, $error) = $self->collect;
	return $error // join("\n", @$rows);
}

sub close
{
	my ($self) = @_;
	$self->send_message('X', '') unless defined $self->{error};
	return close $self->{socket};
}

1;
