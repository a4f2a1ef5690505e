# Everything that a person or CI runs. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

SWIFT ?= swift
PREFIX ?= /usr
DESTDIR ?=
# Labelled series that the detectors are measured on; not part of the repository.
BENCH_DATA ?= ../shared/bench
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

BUILD_PACKAGES := pkg-config libvirt-dev libsystemd-dev
HOST_PACKAGES := libvirt-daemon-system libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients \
	qemu-system-x86 qemu-utils busybox-static cpio systemd iproute2 iptables procps ovmf swtpm swtpm-tools \
	prometheus prometheus-alertmanager curl util-linux
PEER_PACKAGES := collectd-core prometheus-libvirt-exporter stress-ng curl
BENCH_PACKAGES := stress-ng
PACKAGE_PACKAGES := debhelper fakeroot lintian
TRIAL_PACKAGES := mmdebstrap e2fsprogs qemu-system-x86 binutils
TRIAL := .build-package/host
# Scenarios of the worker host, or ci or full.
HOST ?= full
VENV_PACKAGES := python3-venv gcc libc6-dev
BENCH := $(SWIFT) build -c release --package-path Benchmarks
RELEASE_DIR := .build-release
RELEASE := $(SWIFT) build -c release --scratch-path $(RELEASE_DIR) --static-swift-stdlib
RELEASE_BIN = $$($(RELEASE) --show-bin-path)
PAGES := $(RELEASE_DIR)/pages
ROUNDS ?= 2
INSTALL = $(SUDO) install -D
VERSION = $(shell sed -n 's/.*static let text = "\(.*\)"/\1/p' Sources/QuellRuntime/QuellVersion.swift)
VERSION_DATE = $(shell git log -1 --format=%cs 2>/dev/null || date +%F)
# A later build of the same version is a later package.
PACKAGE_VERSION = $(VERSION)~$(shell git rev-list --count HEAD 2>/dev/null || echo 0)
SOURCES := Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Benchmarks Benchmarks/Sources

# Installs those of the named Debian packages that are not there yet, without starting their services.
define install_packages
@missing=""; \
for package in $(1); do \
	dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
done; \
if [ -n "$$missing" ]; then \
	echo "installing:$$missing"; \
	$(SUDO) apt-get update -q; \
	$(SUDO) env DEBIAN_FRONTEND=noninteractive sh -c ' \
		policy=/usr/sbin/policy-rc.d; \
		[ -e $$policy ] || { \
			trap "rm -f $$policy" EXIT; printf "#!/bin/sh\nexit 101\n" >$$policy; chmod 755 $$policy; \
		}; \
		apt-get install -y -q --no-install-recommends "$$@"' sh $$missing; \
fi
endef

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 20

.PHONY: deps
deps:
	$(call install_packages,$(BUILD_PACKAGES))

.PHONY: demo
demo: deps ## Build, then watch a noisy VM get named, throttled and released on a scripted host
	@$(SWIFT) build --product quell
	@"$$($(SWIFT) build --show-bin-path)/quell" demo

.PHONY: test
test: deps ## Run every test that needs no root daemon
	$(SWIFT) test

.PHONY: test-release
test-release: deps ## The same tests, optimised
	$(SWIFT) test -c release --scratch-path .build-release -Xswiftc -enable-testing

.PHONY: sanitize
sanitize: deps ## Every test under the thread sanitizer, then under the address sanitizer (an hour)
	SWIFT="$(SWIFT)" Tests/sanitize

.PHONY: integration
integration: deps ## Real libvirtd and real QEMU guests (root, about 30 minutes)
	$(call install_packages,$(HOST_PACKAGES))
	apt-cache show linux-image-cloud-amd64 >/dev/null 2>&1 || $(SUDO) apt-get update -q
	$(SWIFT) build
	$(SUDO) "$$($(SWIFT) build --show-bin-path)/Integration"

.PHONY: proving
proving: bench-host ## Every episode of the matrix on real guests, Quell acting and not, and other systems' rules (root, ROUNDS=2: an hour)
	$(SUDO) env QUELL_EVIDENCE=Docs/Evidence "$(RELEASE_BIN)/Integration" proving --rounds $(ROUNDS)
	$(SUDO) env QUELL_EVIDENCE=.build/matrix "$(RELEASE_BIN)/Integration" unheld --rounds 1
	$(SWIFT) build --product Matrix
	"$$($(SWIFT) build --show-bin-path)/Matrix" --judge .build/matrix/unheld --out Docs/Evidence/rules.tsv
	$(MAKE) evidence

.PHONY: evidence
evidence: deps ## Write Docs/Evidence.md anew from what runs have left in Docs/Evidence and from the specification
	$(SWIFT) run -q Evidence

.PHONY: bench
bench: deps ## Benchmarks of the detection path and of the sampler (root, for real cgroups)
	$(SWIFT) package --package-path Benchmarks benchmark
	$(MAKE) bench-sampler

.PHONY: bench-peers
bench-peers: bench-host ## What quelld costs beside collectd and prometheus-libvirt-exporter, on 100 real domains (root)
	$(SUDO) "$$($(SWIFT) build -c release --scratch-path .build-release --show-bin-path)/Integration" peers

.PHONY: bench-attribution
bench-attribution: deps ## Who is blamed on 2,700 generated hosts with a known truth (half a minute; MATRIX="--hosts 5400 --seed 2000000")
	$(SWIFT) build -c release --product Matrix
	"$$($(SWIFT) build -c release --show-bin-path)/Matrix" $(MATRIX)

.PHONY: bench-thousand
bench-thousand: bench-host ## What quelld costs on 1,000 real domains, and how steady its beat is (root, 18 GiB free)
	$(SUDO) "$$($(SWIFT) build -c release --scratch-path .build-release --show-bin-path)/Integration" thousand

.PHONY: soak
soak: bench-host ## quelld while 10,000 guests come and go (root, half an hour to one; SOAK="--lifecycles 1000 --minutes 10")
	$(SUDO) env QUELL_EVIDENCE="$${QUELL_EVIDENCE:-}" \
		"$$($(SWIFT) build -c release --scratch-path .build-release --show-bin-path)/Integration" soak $(SOAK)

.PHONY: bench-host
bench-host: release
	$(call install_packages,$(HOST_PACKAGES) $(PEER_PACKAGES))
	$(SWIFT) build -c release --scratch-path .build-release --static-swift-stdlib --product Integration

.PHONY: fuzz
fuzz: deps ## 10 million damaged inputs for every parser (about a minute; FUZZ="--seed 2 --inputs 100000000")
	$(SWIFT) build -c release --product Fuzz
	fuzz="$$($(SWIFT) build -c release --show-bin-path)/Fuzz"; "$$fuzz" --check; "$$fuzz" --seconds 300 $(FUZZ)

.PHONY: bench-sampler
bench-sampler: deps ## Only those of the sampler: C floor, host sizes, allocations, jitter (root: real cgroups, 6 minutes)
	$(call install_packages,$(BENCH_PACKAGES))
	$(BENCH) --product BenchGuest
	$(BENCH) --product SamplerBench
	$(SUDO) "$$($(BENCH) --show-bin-path)/SamplerBench"

.PHONY: bench-detection
bench-detection: deps ## Detectors on labelled series (BENCH_DATA=DIR), beside river, rrcf and libspot (DETECTION="--skip rrcf")
	@Benchmarks/detection/run "$(BENCH_DATA)"
	$(call install_packages,$(VENV_PACKAGES))
	for product in quell DetectionBench TraceBench; do $(BENCH) --product $$product; done
	Benchmarks/detection/run "$(BENCH_DATA)" "$$($(BENCH) --show-bin-path)" $(DETECTION)

.PHONY: bench-replay
bench-replay: deps ## What a trace costs to write, to keep and to replay, and how many times faster than real time
	$(BENCH) --product TraceBench
	"$$($(BENCH) --show-bin-path)/TraceBench" replay

.PHONY: lint
lint: ## Style of every Swift file, and the units
	$(SWIFT) format lint --strict --recursive $(SOURCES)

.PHONY: fmt
fmt: ## Format every Swift file
	$(SWIFT) format --in-place --recursive $(SOURCES)

.PHONY: verify-units
verify-units: ## systemd's own checks of the unit, the catalogue and the drop-ins
	Units/verify

.PHONY: schema
schema: deps ## Write the schema and the reference of threshold files anew from the grammar
	$(SWIFT) build --product quell
	quell="$$($(SWIFT) build --show-bin-path)/quell"; \
	"$$quell" check --schema >Thresholds/policy.schema.json; \
	sed -i '/^<!-- quell check --reference -->$$/q' Docs/Policy.md; \
	{ echo; "$$quell" check --reference; } >>Docs/Policy.md

.PHONY: verify-schema
verify-schema: deps ## The schema of threshold files, against a validator that is not ours
	$(call install_packages,python3-venv)
	$(SWIFT) build --product quell
	diff Thresholds/policy.schema.json <("$$($(SWIFT) build --show-bin-path)/quell" check --schema)
	[ -x .build/schema-venv/bin/python ] || python3 -m venv .build/schema-venv
	.build/schema-venv/bin/pip install -q jsonschema==4.26.0 PyYAML==6.0.4
	.build/schema-venv/bin/python Thresholds/verify-schema

.PHONY: release
release: deps
	$(RELEASE) --product quelld
	$(RELEASE) --product quell

# Manual pages and completions, made by the programs from what they accept.
.PHONY: pages
pages: release
	@# The plug-in would build every program anew; asked for its help, it builds its tool alone.
	$(SWIFT) package --scratch-path $(RELEASE_DIR) generate-manual --help >/dev/null
	@rm -rf $(PAGES); mkdir -p $(PAGES)/man1 $(PAGES)/man8
	@bin="$$($(RELEASE) --show-bin-path)"; tool=$$(echo $(RELEASE_DIR)/*/debug/generate-manual-tool); \
	"$$tool" "$$bin/quell" --multi-page --section 1 --date $(VERSION_DATE) --output-directory $(PAGES)/man1; \
	"$$tool" "$$bin/quelld" --section 8 --date $(VERSION_DATE) --output-directory $(PAGES)/man8; \
	rm -f $(PAGES)/man1/quell.help.1; \
	for page in $(PAGES)/man1/quell.*.1; do \
		name=$$(basename $$page .1 | tr . -); \
		sed -e "/^\.Sh NAME/,/^\.Sh SYN/s/^\.Nm .*/.Nm $$name/" -e "s/^\.Nm$$/.Nm \"$${name/-/ }\"/" $$page >$(PAGES)/man1/$$name.1; rm $$page; \
	done; \
	"$$bin/quell" --generate-completion-script bash | sed 1d >$(PAGES)/quell.bash; \
	"$$bin/quell" --generate-completion-script zsh >$(PAGES)/quell.zsh; \
	"$$bin/quell" --generate-completion-script fish >$(PAGES)/quell.fish

.PHONY: install
install: release pages install-files ## Install the programs, the unit, the pages and the shipped policy (PREFIX=/usr, DESTDIR=)

# Without building: what was built is put in its places.
.PHONY: install-files
install-files:
	bin="$$($(RELEASE) --show-bin-path)"; $(INSTALL) -m 0755 -t $(DESTDIR)$(PREFIX)/bin "$$bin/quelld" "$$bin/quell"
	$(INSTALL) -m 0644 -t $(DESTDIR)$(PREFIX)/share/doc/quell README.md SPECIFICATION.md
	for page in Docs/*.md Docs/Questions/*.md Docs/Images/*.svg; do \
		$(INSTALL) -m 0644 $$page $(DESTDIR)$(PREFIX)/share/doc/quell/$$page; \
	done
	$(INSTALL) -m 0644 -t $(DESTDIR)/lib/systemd/system Units/quelld.service
	$(INSTALL) -m 0644 -t $(DESTDIR)$(PREFIX)/share/quell Units/*.conf Thresholds/policy.schema.json
	$(INSTALL) -m 0644 -t $(DESTDIR)$(PREFIX)/share/quell/thresholds Thresholds/profiles/*.yaml
	$(INSTALL) -m 0644 -t $(DESTDIR)$(PREFIX)/share/quell/prometheus Units/prometheus/*
	$(INSTALL) -m 0644 -t $(DESTDIR)/usr/lib/systemd/catalog Units/quell.catalog
	$(INSTALL) -m 0644 Units/quell.sysusers $(DESTDIR)/usr/lib/sysusers.d/quell.conf
	$(INSTALL) -m 0644 Units/quell.tmpfiles $(DESTDIR)/usr/lib/tmpfiles.d/quell.conf
	$(INSTALL) -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man1 $(PAGES)/man1/*
	$(INSTALL) -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man8 $(PAGES)/man8/*
	$(INSTALL) -m 0644 $(PAGES)/quell.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/quell
	$(INSTALL) -m 0644 $(PAGES)/quell.zsh $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions/_quell
	$(INSTALL) -m 0644 $(PAGES)/quell.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/quell.fish
	[ -e $(DESTDIR)/etc/quell/thresholds.d/00-default.yaml ] || \
	$(INSTALL) -m 0644 Thresholds/default.yaml $(DESTDIR)/etc/quell/thresholds.d/00-default.yaml

.PHONY: package
package: release pages ## A Debian package in .build-package/, looked over by lintian
	$(call install_packages,$(PACKAGE_PACKAGES))
	Units/debian/pack $(PACKAGE_VERSION)

.PHONY: host
host: package ## The package on a worker host of its own, with systemd and cgroup v2 (root, 2 hours; HOST=ci: 15 minutes)
	$(call install_packages,$(TRIAL_PACKAGES))
	$(SUDO) Units/host/image base $(TRIAL)
	$(SUDO) env QUELL_EVIDENCE="$${QUELL_EVIDENCE:-}" \
		Units/host/prove $(TRIAL) "$$(ls -t .build-package/quell_*.deb | head -n 1)" $(HOST)

.PHONY: package-trial
package-trial: ## Of those the one that installs, upgrades, removes and purges the package with VMs held back
	$(MAKE) host HOST=package

.PHONY: clean
clean: ## Remove what was built
	rm -rf .build .build-release .build-package Benchmarks/.build
