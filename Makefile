# SPDX-License-Identifier: GPL-2.0-or-later
#
# The verbs. Meson is the build system; everything here is one line of it or a tool in tools/.

BUILD ?= build
DESTDIR ?=
PREFIX ?= /usr/local
SECONDS ?= 60

.PHONY: all build check check-fast check-qemu demo bench fuzz docs install clean help

all: build

help:
	@echo 'make demo        a router of network namespaces, with real packets (root)'
	@echo 'make check       install what is missing, build, run every test'
	@echo 'make check-fast  one build, its tests and the quick checks'
	@echo 'make check-qemu  flow offloading, in a machine with a kernel that has it'
	@echo 'make build       the programs, in $(BUILD)/'
	@echo 'make bench       measure against other ways to load the same rules (root)'
	@echo 'make fuzz        fuzz each entry point for SECONDS=$(SECONDS)'
	@echo 'make docs        rewrite the generated pages of docs/'
	@echo 'make install     into PREFIX=$(PREFIX), below DESTDIR'
	@echo 'make clean       remove the build directories of these verbs'

build:
	@tools/install-deps
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD) --prefix=$(PREFIX)
	@ninja -C $(BUILD)

check:
	@tools/install-deps || { echo '0 passed, 1 failed, 0 skipped'; exit 1; }
	@tools/check

check-fast:
	@tools/install-deps || { echo '0 passed, 1 failed, 0 skipped'; exit 1; }
	@tools/check --fast

check-qemu: build
	@meson test -C $(BUILD) --no-rebuild --verbose --suite qemu

demo: build
	@tools/demo --build $(BUILD)

bench: build
	@tools/bench --build $(BUILD)

fuzz:
	@tools/install-deps
	@tools/fuzz --seconds $(SECONDS)

docs: build
	@tools/docs --build $(BUILD) --write

install: build
	@DESTDIR='$(DESTDIR)' meson install -C $(BUILD) --no-rebuild

clean:
	rm -rf $(BUILD) build-check build-clang build-fuzz
