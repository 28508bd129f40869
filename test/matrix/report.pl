#!/usr/bin/perl
#
# What one version's log of test/run.sh comes to.
#
#	report.pl LOG
#
# The first line out is "passed failed skipped", the second how many passed in
# which stage; then, a line each, what was skipped and why.  A run that did not
# come to its end has failed.
#
use strict;
use warnings;

my ($counts, @stages, %skipped, @reasons);

while (<>)
{
	$counts = "$1 $2 " . ($3 // 0) if /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;
	push @stages, $1 eq 'build' ? $1 : "$1 $2" if /^(\w+) +(\d+) +\d+ +\d+ +[\d.]+$/;
	next unless /^    (?:test\/t\/)?(\S+): skipped: (?:ok .*# *SKIP *)?(.+)$/i || /^    (SKIPPED): (.+)$/;
	my $reason = $1 eq 'SKIPPED' ? $2 : "$1: $2";
	push @reasons, $reason unless $skipped{$reason}++;
}

print $counts // '0 1 0', "\n";
print join(', ', @stages) || 'none', "\n";
print $_, $skipped{$_} > 1 ? " ($skipped{$_} tests)" : '', "\n" for @reasons;
