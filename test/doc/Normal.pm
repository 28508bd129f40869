# Normal.pm: does a block print what the document says it prints?
#
# Both sides are normalised first: what differs from one run to the next
# (tokens, identifiers, the time of day) becomes a placeholder of its kind, and
# psql's column widths do not count.  In the document "..." stands for any part
# of a line.  Times before 2026 are the examples' own and are compared.
package Normal;

use strict;
use warnings;

my $FIRST_SECOND = 1767225600;    # of 2026

sub normalise
{
	my ($text) = @_;
	$text =~ s/\beyJ[\w.-]+/<token>/g;
	$text =~ s/\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/<uuid>/g;
	$text =~ s/(?<![\w-])[\w-]{43}(?![\w-])/<base64url of 32 bytes>/g;
	$text =~ s/\b(20\d\d)-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d(?::\d\d)?)?/$1 < 2026 ? $& : '<time>'/ge;
	$text =~ s/\b(1[789]\d{8})\b/$1 < $FIRST_SECOND ? $& : '<seconds>'/ge;
	$text =~ s/\bin \d+ (?:second|minute|hour|day)s?\b/<later>/g;
	$text =~ s/\b\d+ (?:second|minute|hour|day)s? ago\b/<ago>/g;
	$text =~ s/-{3,}/---/g;
	$text =~ s/\s*\+$//mg;
	$text =~ s/[ \t]+/ /g;
	$text =~ s/^ | $//mg;
	$text =~ s/\n{2,}/\n/g;
	$text =~ s/^\n+|\n+$//g;
	return $text;
}

sub matches
{
	my ($actual, $expected) = map { normalise($_) } @_;

	# who leaves off a table's footer, or an error's context, which names lines of
	# our own functions, does not mean that there is none
	$actual =~ s/\n\(\d+ rows?\)(?=\n|$)//g unless $expected =~ /\(\d+ rows?\)/;
	$actual =~ s/\nCONTEXT: .*\z//s unless $expected =~ /^CONTEXT: /m;
	my $pattern = join '[^\n]*', map { quotemeta } split /\.\.\./, $expected, -1;
	return $actual =~ /\A$pattern\z/;
}

1;
