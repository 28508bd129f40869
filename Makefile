# oauth_jwt: an ordinary PGXS extension below, and in front of it the commands
# of daily work, which are scripts that see to their own set-up.  "make help"
# lists them.

EXTENSION = oauth_jwt
MODULE_big = oauth_jwt
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" oauth_jwt.control)

# Which server to build for: the newest that has its headers here, else the
# pg_config on PATH.  PG_CONFIG=/path/to/pg_config chooses another.
newest_headers := $(lastword $(sort $(wildcard /usr/include/postgresql/*/server/postgres.h)))
PG_CONFIG ?= $(or $(wildcard $(newest_headers:/usr/include/postgresql/%/server/postgres.h=/usr/lib/postgresql/%/bin/pg_config)),pg_config)

.DEFAULT_GOAL := all

#
# Commands of daily work.  They run on a machine that has no PostgreSQL yet,
# so nothing of PGXS is needed to reach them.
#
SCRIPTS_GOALS = help pg-config setup test test-matrix unit fuzz bench bench-http demo demo-stop

.PHONY: $(SCRIPTS_GOALS)

help:
	@echo 'oauth_jwt $(EXTVERSION)'
	@echo
	@echo '  make              build the extension'
	@echo '  make install      install it into the server (as root)'
	@echo '  make test         set up, build, run every test on a private server'
	@echo '  make unit         the unit tests of the JOSE core alone'
	@echo '  make test-matrix  the suite on PostgreSQL 15, 17, 18 and 19 (or VERSIONS="18")'
	@echo '  make demo         an authorization server to try, on this machine'
	@echo '  make demo-stop    stop it'
	@echo '  make bench        measure (make bench-http: over HTTP alone)'
	@echo '  make fuzz         fuzz the parsers'
	@echo '  make setup        install what building and testing need'
	@echo '  make installcheck test the installed extension on a running server'
	@echo '  make clean        remove what was built'
	@echo
	@echo '  make test STAGES="unit regress"    some stages: build unit regress isolation'
	@echo '                                     tap interop doc'
	@echo '  make test STAGES=regress REGRESS=sign        one test; also ISOLATION=, TAP='
	@echo '  PG_CONFIG=...     which server (now: $(PG_CONFIG))'
	@echo '  WERROR=1          warnings are errors (make test always does)'

pg-config:
	@echo '$(PG_CONFIG)'

setup:
	@test/setup.sh

test:
	@test/run.sh $(STAGES)

test-matrix:
	@test/matrix/run.sh $(VERSIONS)

unit:
	@test/run.sh unit

fuzz:
	@test/fuzz/run.sh

bench:
	@test/bench/run.sh
	@test/bench/http.sh

bench-http:
	@test/bench/http.sh

demo:
	@deploy/demo.sh

demo-stop:
	@deploy/demo.sh stop

#
# The extension.
#
ifneq (,$(filter-out $(SCRIPTS_GOALS),$(or $(MAKECMDGOALS),all)))

PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifeq (,$(wildcard $(PGXS)))
$(error no PostgreSQL server headers found through "$(PG_CONFIG)": "make setup" installs them, PG_CONFIG=... names others)
endif

JOSE_SRCS := $(sort $(wildcard src/jose/*.c))
SRCS := $(JOSE_SRCS) $(sort $(wildcard src/pg/*.c src/validator/*.c))
OBJS = $(SRCS:.c=.o)

INSTALL_SQL = sql/$(EXTENSION)--$(EXTVERSION).sql
UPGRADE_SQL := $(sort $(wildcard sql/$(EXTENSION)--*--*.sql))
SQL_PARTS := $(addprefix sql/,$(shell sed 's/\#.*//' sql/install.list 2>/dev/null))
DATA_built = $(INSTALL_SQL)
DATA = $(UPGRADE_SQL)

WARNINGS = -Wall -Wextra -Wshadow -Wmissing-prototypes -Wpointer-arith \
	-Wdeclaration-after-statement -Wvla -Wno-unused-parameter
STRICT := $(if $(filter 1 yes,$(WERROR)),-Werror)

PG_CPPFLAGS = -Isrc -DOAUTH_JWT_VERSION='"$(EXTVERSION)"'
PG_CFLAGS = $(WARNINGS)
SHLIB_LINK = -lcrypto

# "make installcheck" expects a running server (PGHOST, PGPORT, ...) with this
# extension installed and pgTAP and plpgsql_check to be had.  "make test" brings
# its own server and calls the same target, with RESULTS elsewhere.
# Both kinds of test have their expected output in expected/, so no isolation
# spec may bear a regression test's name; and pg_regress looks into sql/ before
# test/sql/, so no test may bear the name of a file directly in sql/.
# WITHOUT=plpgsql_check goes on where that is not packaged, without the test of its name.
REGRESS := $(patsubst test/sql/%.sql,%,$(sort $(filter-out test/sql/$(WITHOUT).sql,$(wildcard test/sql/*.sql))))
ISOLATION := $(patsubst test/specs/%.spec,%,$(sort $(wildcard test/specs/*.spec)))
RESULTS = .
REGRESS_DIRS = --inputdir=test --outputdir=$(RESULTS) $(if $(filter 15,$(MAJORVERSION)),,--expecteddir=$(RESULTS))
REGRESS_OPTS = $(REGRESS_DIRS) --load-extension=pgtap $(if $(filter plpgsql_check,$(WITHOUT)),,--load-extension=plpgsql_check) --load-extension=$(EXTENSION)
ISOLATION_OPTS = $(REGRESS_DIRS) --load-extension=$(EXTENSION)

clash := $(filter $(ISOLATION) $(patsubst sql/%.sql,%,$(wildcard sql/*.sql)),$(REGRESS))
ifneq (,$(clash))
$(error test/sql: names already taken by an isolation spec or a file in sql/: $(clash))
endif

EXTRA_CLEAN = .deps .run/unit results output_iso regression.diffs regression.out \
	$(filter-out $(UPGRADE_SQL),$(wildcard sql/$(EXTENSION)--*.sql))

# Bitcode needs the clang that the server was built with.  Without it, build
# without bitcode rather than not at all.
CLANG_FOUND := $(shell command -v "$$(sed -n 's/^CLANG *= *//p' '$(dir $(PGXS))../Makefile.global')")
ifeq (,$(CLANG_FOUND))
override with_llvm = no
endif

include $(PGXS)

# The server's headers do not aim at our warnings: hold only our own files to them.
override CPPFLAGS += -isystem $(includedir_server)

# Objects depend on the headers they read, on the flags they were built with
# (so on the server's version) and, under WERROR, on having been built under it.
DEPS = .deps
BUILT_WITH := $(VERSION) $(CC) $(CFLAGS) $(CPPFLAGS)
ifneq ($(BUILT_WITH),$(if $(wildcard $(DEPS)/flags),$(file <$(DEPS)/flags)))
$(shell mkdir -p $(DEPS))
$(file >$(DEPS)/flags,$(BUILT_WITH))
endif

$(OBJS): %.o: %.c $(DEPS)/flags
	@mkdir -p $(DEPS)/$(*D)
	@touch $(DEPS)/$*.lax
	$(CC) $(CFLAGS) $(STRICT) $(if $(filter src/jose/%,$*),-fvisibility=hidden) $(CPPFLAGS) -MMD -MP -MF $(DEPS)/$*.d -c -o $@ $<
	@$(if $(STRICT),rm $(DEPS)/$*.lax)

$(OBJS:.o=.bc): %.bc: %.c $(DEPS)/flags
	@mkdir -p $(DEPS)/$(*D)
	$(COMPILE.c.bc) -MMD -MP -MF $(DEPS)/$*.bc.d -o $@ $<

.PHONY: FORCE
ifneq (,$(STRICT))
$(patsubst $(DEPS)/%.lax,%.o,$(wildcard $(DEPS)/src/*/*.lax)): FORCE
endif

-include $(wildcard $(DEPS)/src/*/*.d)

# The install script is its parts in the order of sql/install.list.  A part that
# nobody lists, or that is listed twice, is a mistake.
SQL_PRESENT := $(sort $(wildcard sql/*/*.sql))
$(INSTALL_SQL): $(SQL_PARTS) $(SQL_PRESENT) sql/install.list oauth_jwt.control Makefile
	@unlisted='$(filter-out $(SQL_PARTS),$(SQL_PRESENT))'; \
	if [ -n "$$unlisted" ]; then echo "not in sql/install.list: $$unlisted" >&2; exit 1; fi
	@twice=$$(printf '%s\n' $(SQL_PARTS) | sort | uniq -d); \
	if [ -n "$$twice" ]; then echo "twice in sql/install.list: $$twice" >&2; exit 1; fi
	@{ printf '%s\n' '/* $(@F): built from the parts in sql/install.list; edit those. */' '' \
		'\echo Use "CREATE EXTENSION $(EXTENSION)" to load this file. \quit'; \
	for part in $(SQL_PARTS); do printf '\n/* %s */\n\n' "$$part"; cat "$$part" || exit 1; done; \
	} >$@.tmp && mv $@.tmp $@
	@echo 'built $@ from $(words $(SQL_PARTS)) parts'

# PGXN wants the version in META.json too; this keeps it equal to the control file's.
.PHONY: check-version
check-version:
	@for version in $$(sed -n '/"meta-spec"/q; s/^ *"version": *"\(.*\)",*$$/\1/p' META.json); do \
		if [ "$$version" != '$(EXTVERSION)' ]; then \
			echo "META.json says version $$version, oauth_jwt.control says $(EXTVERSION)" >&2; exit 1; \
		fi; \
	done

# Unit tests: every test/unit/NAME_test.c with the whole JOSE core, outside the
# server and under the sanitizers.  OPENSSL_NO_DEPRECATED holds the core to
# OpenSSL 3's own interfaces.
UNIT = .run/unit
UNIT_OBJS := $(JOSE_SRCS:src/jose/%.c=$(UNIT)/jose/%.o)
UNIT_PROGRAMS := $(patsubst test/unit/%.c,$(UNIT)/%,$(sort $(wildcard test/unit/*_test.c)))
UNIT_CFLAGS = -g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
	$(WARNINGS) -Werror
UNIT_CPPFLAGS = -DFRONTEND -D_GNU_SOURCE -Isrc -Isrc/jose -Itest/unit -isystem $(includedir_server) -isystem $(includedir)
UNIT_LIBS = -L$(pkglibdir) -L$(pkglibdir)/../lib -L$(libdir) -lpgcommon -lpgport -lcrypto -lm
UNIT_COMPILE = $(CC) $(UNIT_CFLAGS) $(UNIT_CPPFLAGS) -MMD -MP -c -o $@ $<

.PHONY: unit-build
.SECONDARY:
unit-build: $(UNIT_PROGRAMS)

$(UNIT)/jose/%.o: src/jose/%.c $(DEPS)/flags
	@mkdir -p $(@D)
	$(UNIT_COMPILE) -DOPENSSL_NO_DEPRECATED

$(UNIT)/%.o: test/unit/%.c $(DEPS)/flags
	@mkdir -p $(@D)
	$(UNIT_COMPILE)

$(UNIT)/%: $(UNIT)/%.o $(UNIT_OBJS)
	$(CC) $(UNIT_CFLAGS) -o $@ $^ $(UNIT_LIBS)

-include $(wildcard $(UNIT)/*.d $(UNIT)/jose/*.d)

endif
