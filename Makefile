# `make` builds for this machine, `make run` does the main job, `make test` runs every test.
BOARD ?= host
include boards/$(BOARD)/board.mk

export OCELLUS_INSTRUCTION_SETS = $(INSTRUCTION_SETS)
OCELLUS_DATA ?= ../shared/data
export OCELLUS_DATA

OUT := build/$(BOARD)
# The host's programs hold Swift and the C++ library that Swift needs; libc and libjpeg they load.
STATIC := build/static-libraries
PROGRAM = $(SWIFT) build -c release --static-swift-stdlib -Xlinker -L$(CURDIR)/$(STATIC) -Xlinker --gc-sections --product
SWIFT ?= swift
CONFORMANCE_COUNT ?= 3200
CONFORMANCE_SEED ?= 1
FUZZ_COUNT ?= 60000

.PHONY: all programs deps run test format lint conformance fuzz bench-peers clean

all: deps programs
	@mkdir -p $(OUT)
	@install .build/release/ocellus .build/release/ocellusc $(OUT)/
	@strip $(OUT)/ocellus $(OUT)/ocellusc

# A folder that the linker looks through first, with the static C++ library alone in it.
$(STATIC):
	@mkdir -p $@
	@ln -sf "$$(gcc -print-file-name=libstdc++.a)" $@/libstdc++.a

programs: $(STATIC)
	$(PROGRAM) ocellus
	$(PROGRAM) ocellusc

# Installs what is missing, and says so.
deps:
	@Tests/Scripts/install-dependencies.sh libjpeg-dev:/usr/include/jpeglib.h libv4l-dev:/usr/include/libv4lconvert.h

run: all
	@firmware-models/meter-digits/read-camera.sh $(OUT)/ocellus || \
	  firmware-models/meter-digits/read-clip.sh $(OUT)/ocellus

test: deps
	Tests/Scripts/check-sources.sh
	$(SWIFT) format lint --strict -r --configuration .swift-format Sources Tests Package.swift
	Tests/Scripts/check-embedded.sh
	$(MAKE) programs
	Tests/Scripts/check-allocations.sh .build/release/ocellus
	Tests/Scripts/check-firmware-models.sh .build/release/ocellusc
	$(SWIFT) test -c release -Xswiftc -enable-testing --scratch-path .build-test

format:
	$(SWIFT) format -i -r --configuration .swift-format Sources Tests Package.swift

# Random models of every operator, their answers by LiteRT's reference kernels.
conformance: $(STATIC)
	@Tests/Scripts/python-environment.sh build/conformance/venv Tests/Conformance/requirements.txt
	cd Tests/Conformance && PYTHONDONTWRITEBYTECODE=1 ../../build/conformance/venv/bin/python generate.py \
	  --output ../../build/conformance/random.cases --count $(CONFORMANCE_COUNT) --seed $(CONFORMANCE_SEED)
	$(PROGRAM) conformance
	.build/release/conformance build/conformance/random.cases

# Mutated models and pictures under AddressSanitizer.
fuzz:
	OCELLUS_FUZZ=1 $(SWIFT) build -c release --sanitize=address --scratch-path .build-fuzz --product fuzz
	SWIFT_BACKTRACE=enable=no .build-fuzz/release/fuzz --count $(FUZZ_COUNT)

bench-peers: all
	Tests/Scripts/bench-peers.sh $(OUT)/ocellus $(OUT)/ocellusc

clean:
	rm -rf build .build .build-test .build-fuzz
