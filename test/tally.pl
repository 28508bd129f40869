#!/usr/bin/perl
#
# Count tests, and show what failed or was skipped.
#
#	tally.pl tap LOG DIR      prove's own output, and the raw TAP, one file a
#	                          test program, that it keeps in the folder
#	                          PERL_TEST_HARNESS_DUMP_TAP names
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

# One test program's TAP.  What follows a failed test, up to the next, explains
# it.  A program can also fail as a whole: it dies, or the sanitizer ends it.
sub tally_tap
{
	my ($name, $tap, $exit) = @_;
	my ($own_failures, $shown) = (0, 0);
	my $parser = TAP::Parser->new({ tap => $tap || "1..0 # no output\n" });

	while (my $result = $parser->next)
	{
		if (!$result->is_test)
		{
			push @notes, '    ' . $result->as_string
			  if $shown && $result->as_string =~ /\S/ && $shown++ < 30;
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

	my ($error) = $parser->parse_errors;
	$error = 'no output' if $tap eq '';
	$error ||= "exit status $exit" if $exit;
	if ($error && !$own_failures)
	{
		my @lines = grep { /\S/ && !/^ok / } split /\n/, $tap;
		splice @lines, 15, @lines - 30, '...' if @lines > 30;
		failure("$name: $error");
		push @notes, map { "    $_" } @lines;
	}
	elsif (defined $parser->skip_all)
	{
		$skipped++;
		push @notes, "$name: skipped: " . ($parser->skip_all || 'no reason given');
	}
	return;
}

# prove's summary names the programs that did not exit with 0.
sub exit_statuses
{
	my ($log) = @_;
	return slurp($log) =~ /^(\S+)\s+\(Wstat: ([1-9]\d*)/mg;
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
	my @plan = $output =~ /^\s*(# Looks like you planned .*)$/mg;

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
	my ($log, $dir) = @args;
	my %exit = exit_statuses($log);
	my @files;
	find(sub { push @files, substr($File::Find::name, length($dir) + 1) if -f }, $dir) if -d $dir;
	tally_tap($_, slurp("$dir/$_"), $exit{$_}) for sort @files;
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
