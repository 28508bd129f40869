#!/usr/bin/perl
#
# Count tests, and show what failed or was skipped.
#
#	tally.pl tap DIR          raw TAP, one file a test program, as prove keeps
#	                          it under PERL_TEST_HARNESS_DUMP_TAP
#	tally.pl regress LOG DIR  pg_regress's own output, and its results folder
#	tally.pl isolation LOG    pg_isolation_regress's output
#
# The first line out is "passed failed skipped"; what follows is for people.
#
use strict;
use warnings;
use File::Find;
use TAP::Parser;

my ($passed, $failed, $skipped) = (0, 0, 0);
my @notes;

sub slurp
{
	my ($file) = @_;
	open my $fh, '<', $file or return '';
	local $/;
	return scalar <$fh>;
}

sub failure
{
	my ($text) = @_;
	$failed++;
	push @notes, $text;
	return;
}

# One test program's TAP.  What follows a failed test, up to the next, explains it.
sub tally_tap
{
	my ($name, $tap) = @_;
	return failure("$name: ran no tests") if $tap eq '';

	my $parser = TAP::Parser->new({ tap => $tap });
	my ($own_failures, $shown) = (0, 0);

	while (my $result = $parser->next)
	{
		if (!$result->is_test)
		{
			push @notes, '    ' . $result->as_string if $shown && $shown++ < 30;
			next;
		}
		$shown = 0;
		if (!$result->is_ok)
		{
			failure("$name: " . $result->as_string);
			$own_failures++;
			$shown = 1;
		}
		elsif ($result->has_skip)
		{
			$skipped++;
			push @notes, "$name: skipped: " . ($result->explanation || 'no reason given');
		}
		else
		{
			$passed++;
		}
	}
	if (defined $parser->skip_all)
	{
		$skipped++;
		push @notes, "$name: skipped: " . ($parser->skip_all || 'no reason given');
	}
	elsif ($parser->parse_errors && !$own_failures)
	{
		failure("$name: " . ($parser->parse_errors)[0]);
	}
	return;
}

# pg_regress says "test NAME ... ok" before PostgreSQL 16 and speaks TAP since.
sub regress_outcomes
{
	my ($log) = @_;
	my @outcomes;
	for (split /\n/, slurp($log))
	{
		push @outcomes, [ $1, $2 eq 'ok' ] if /^(?:test\s+|\s+)(\S+)\s+\.\.\.\s+(ok|FAILED|failed)/;
		push @outcomes, [ $2, !$1 ] if /^(not )?ok \d+\s+[-+] (\S+)/;
	}
	return @outcomes;
}

# A file counts with the pgTAP assertions in it.  An assertion that fails as
# expected/ says it should is a failure all the same.
sub tally_regress_file
{
	my ($name, $ok, $results) = @_;
	my $output = slurp($results);
	my @good = $output =~ /^\s*(ok \d.*)$/mg;
	my @bad = grep { !/# *TODO/i } $output =~ /^\s*(not ok \d.*)$/mg;
	my @plan = $output =~ /^\s*(# Looks like you .*)$/mg;

	my @skipped = grep { /# *SKIP/i } @good;

	$passed += @good - @skipped;
	$skipped += @skipped;
	push @notes, map { "$name: skipped: $_" } @skipped;
	failure("$name: $_") for @bad, @plan;
	failure("$name: output differs from expected/$name.out") if !$ok && !@bad && !@plan;
	$passed++ if $ok && !@good && !@bad;
	return;
}

my ($kind, @args) = @ARGV;
if ($kind eq 'tap')
{
	my @files;
	find(sub { push @files, $File::Find::name if -f }, $args[0]) if -d $args[0];
	tally_tap(substr($_, length($args[0]) + 1), slurp($_)) for sort @files;
}
elsif ($kind eq 'regress')
{
	tally_regress_file(@$_, "$args[1]/$_->[0].out") for regress_outcomes($args[0]);
}
elsif ($kind eq 'isolation')
{
	for (regress_outcomes($args[0]))
	{
		my ($name, $ok) = @$_;
		if ($ok) { $passed++; }
		else { failure("$name: output differs from expected/$name.out"); }
	}
}
else
{
	die "tally.pl: no kind \"$kind\"\n";
}

print "$passed $failed $skipped\n";
print "$_\n" for @notes;
