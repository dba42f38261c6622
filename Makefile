# SPDX-License-Identifier: Apache-2.0
#
# make help lists the targets. The README's two commands are `make demo` and `make check`.

ifeq ($(origin CC),default)
CC := gcc
endif
# make V=1 shows the commands
Q := $(if $(V),,@)
PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
ifeq ($(SAN),1)
BUILD := build/san
endif
VERSION := 0.1.0

PACKAGES := gcc make pkg-config libarchive-dev zlib1g-dev libisal-dev libsqlite3-dev libpcre2-dev \
            libcjson-dev libyaml-dev libzstd-dev liblzma-dev liblz4-dev nettle-dev libcmocka-dev
# what the checks need beside the build: other shells and packers, linters
CHECK_PACKAGES := clang clang-format clang-tidy cppcheck shellcheck busybox python3 libclang-rt-14-dev \
                  zstd zip unzip xz-utils bzip2 sqlite3 libarchive-tools file procps strace \
                  python3-yaml python3-jsonschema

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wformat=2 -Wimplicit-fallthrough -Werror
HARDENING := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LINK_HARDENING := -pie -Wl,-z,relro -Wl,-z,now
OPTIMISE := -O2 -g
ifeq ($(SAN),1)
OPTIMISE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
HARDENING := -fPIE
endif
LIBRARIES := libarchive zlib sqlite3 libpcre2-8 libcjson yaml-0.1 libzstd liblzma nettle
# gzip is unpacked by ISA-L where there is one: not every architecture has it
INFLATE := $(if $(shell pkg-config --exists libisal && echo there),isal,zlib)
LIBRARIES += $(INFLATE:isal=libisal)
# kept logs are packed by LZ4 where there is one
SQUEEZE := $(if $(shell pkg-config --exists liblz4 && echo there),lz4,zstd)
LIBRARIES += $(if $(filter lz4,$(SQUEEZE)),liblz4)
# of the files that stand in for each other, those of the libraries that are not used
UNUSED := $(filter-out %_$(INFLATE).c,$(wildcard analyzer/bundle/inflate_*.c)) \
          $(filter-out %_$(SQUEEZE).c,$(wildcard analyzer/store/squeeze_*.c))
CPPFLAGS += -D_GNU_SOURCE -DINQUEST_VERSION='"$(VERSION)"' -Ianalyzer -I$(BUILD)
CFLAGS += -std=c11 $(WARNINGS) $(HARDENING) $(OPTIMISE) -pthread
# asked for late, when `make deps` may have brought the libraries
LDLIBS = $(shell pkg-config --libs $(LIBRARIES)) -lm -pthread
LDFLAGS += $(LINK_HARDENING)

SOURCES := $(filter-out analyzer/main.c analyzer/bake.c $(UNUSED),$(sort $(wildcard analyzer/*/*.c)))
LOADING := $(SOURCES:analyzer/%.c=$(BUILD)/%.o) $(BUILD)/builtin.o
OBJECTS := $(LOADING) $(BUILD)/baked.o
UNITS := $(sort $(wildcard tests/unit/*.c))
UNIT_PROGRAMS := $(UNITS:tests/unit/%.c=$(BUILD)/tests/%)

.DEFAULT_GOAL := $(BUILD)/inquest
.PHONY: all help deps check-deps demo check tests-built bench check-faults check-valgrind check-memory check-pprof check-browser fuzz install uninstall golden floors headers format lint clean
.SECONDARY:

all: $(BUILD)/inquest

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BUILD)/inquest: $(BUILD)/main.o $(OBJECTS)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/%.o: analyzer/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# The built-in rules, the schema and what drawings need are compiled in, so that the program works from any
# directory.
EMBEDDED := $(sort $(wildcard analyzer/*/*.css) $(wildcard analyzer/*/*.js)) $(sort $(wildcard rules/*/*.yaml) $(wildcard rules/*.txt)) $(sort $(wildcard schema/*.sql)) collector/inquest-collect
$(BUILD)/builtin.c: tests/tools/embed.sh $(EMBEDDED)
	@mkdir -p $(@D)
	$(Q)sh tests/tools/embed.sh $(EMBEDDED) > $@.tmp && mv $@.tmp $@
$(BUILD)/builtin.o: $(BUILD)/builtin.c
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-overlength-strings -c -o $@ $<

# The built-in rules as a program made of the same code reads them (rule/image.h).
$(BUILD)/bake: $(BUILD)/bake.o $(LOADING)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/baked.c: $(BUILD)/bake
	$(Q)$(BUILD)/bake > $@.tmp && mv $@.tmp $@
$(BUILD)/baked.o: $(BUILD)/baked.c
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-overlength-strings -c -o $@ $<

$(BUILD)/tests/%: tests/unit/%.c $(OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests/unit $(CFLAGS) -Wno-missing-prototypes $(LDFLAGS) -MMD -MP -o $@ $< $(OBJECTS) $(LDLIBS) -lcmocka

# What tests/faults puts before the program's calls with LD_PRELOAD
$(BUILD)/tests/inject.so: tests/faults/inject.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -std=c11 $(WARNINGS) -Wno-missing-prototypes -O2 -g -fPIC -shared -o $@ $< -ldl

# What tests/valgrind puts before PCRE2's compiler
$(BUILD)/tests/nojit.so: tests/valgrind/nojit.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -std=c11 $(WARNINGS) -O2 -fPIC -shared -o $@ $<

# ---- targets for people ----------------------------------------------------------------------

deps: ## install the packages that building needs, only what is missing
	@sh tests/tools/deps.sh $(PACKAGES)

check-deps: deps
	@sh tests/tools/deps.sh $(CHECK_PACKAGES)

demo: deps ## set up, build, and diagnose the sample incident
	@$(MAKE) --no-print-directory -j2 $(BUILD)/inquest
	$(BUILD)/inquest samples/s6-sync

check: check-deps ## everything that must hold; SAN=1 with sanitizers
	@$(MAKE) --no-print-directory -j2 $(BUILD)/inquest tests-built
	@BUILD=$(BUILD) SAN=$(SAN) sh tests/check.sh

tests-built: $(UNIT_PROGRAMS) $(BUILD)/tests/inject.so

install: $(BUILD)/inquest ## install below PREFIX (default /usr/local), with DESTDIR in front
	install -D -m 755 $(BUILD)/inquest $(DESTDIR)$(PREFIX)/bin/inquest
	install -D -m 755 collector/inquest-collect $(DESTDIR)$(PREFIX)/bin/inquest-collect

uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/inquest $(DESTDIR)$(PREFIX)/bin/inquest-collect

golden: $(BUILD)/tests/evidence_test $(BUILD)/tests/json_schema_test ## write the golden files anew (look at the difference before you commit)
	INQUEST_GOLDEN=write $(BUILD)/tests/evidence_test
	INQUEST_GOLDEN=write $(BUILD)/tests/json_schema_test
	python3 tests/tools/schema_readme.py > $(BUILD)/schema.md && mv $(BUILD)/schema.md schema/README.md

floors: ## check that no folder includes a lower floor, or a library it must not
	@sh tests/tools/floors.sh

headers: ## check that each header compiles alone
	@for h in $$(find analyzer -name '*.h'); do \
	    $(CC) $(CPPFLAGS) -std=c11 $(WARNINGS) -fsyntax-only -x c $$h || exit 1; done

format: ## format the sources in place
	clang-format -i $$(find analyzer tests -name '*.[ch]')

lint: ## static analysis and shellcheck
	@sh tests/tools/lint.sh

bench: $(BUILD)/inquest ## measure speed and memory against bsdtar in the same run
	@sh tests/bench/run.sh

check-faults: $(BUILD)/inquest $(BUILD)/tests/inject.so ## fail every request for memory and every write, one a run, some minutes
	@python3 tests/faults/run.py --every

check-valgrind: $(BUILD)/inquest $(BUILD)/tests/nojit.so ## memcheck over commands and bundles, some minutes; apt installs valgrind
	@sh tests/tools/deps.sh valgrind
	@python3 tests/valgrind/run.py

check-memory: $(BUILD)/inquest ## the nastiest bundles that were thought of stay within 256 MB of memory, an hour
	@sh tests/tools/deps.sh zstd python3
	@python3 tests/memory/run.py

check-pprof: $(BUILD)/inquest ## compare profiles with go tool pprof itself, which apt installs
	@sh tests/pprof/check.sh --install

check-browser: $(BUILD)/inquest ## use flame graphs in Chromium, where it is installed
	@sh tests/pprof/browser.sh

fuzz: ## run every fuzz target for FUZZ_S seconds (default 60)
	@sh tests/fuzz/run.sh

clean: ## remove what was built
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
