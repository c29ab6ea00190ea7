# `make` builds for this machine, `make run` does the main job, `make test` runs every test.
# `make BOARD=rpi4` builds for a board, one of those in boards/; `make boards` for all.
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
KILLS ?= 16

.PHONY: all programs deps board-runner frame-bench training-bench boards deploy run test test-arm test-camera test-kills camera-tools format \
  conformance fuzz bench-arm bench-frames bench-training-kernels bench-camera bench-peers base-models clean

ifeq ($(BOARD),host)

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

# Networks to start from, into build/base-models, from OCELLUS_DATA or else from their public addresses.
base-models: all
	@firmware-models/base-models.sh $(OUT)/ocellusc

# Installs what is missing, and says so.
deps:
	@Tests/Scripts/install-dependencies.sh libjpeg-dev:/usr/include/jpeglib.h libv4l-dev:/usr/include/libv4lconvert.h

else

# A board's program is Embedded Swift, linked statically with Debian's libraries for its architecture.
SDKS := build/swift-sdks
SDK := $(SDKS)/ocellus-$(ARCHITECTURE).artifactbundle
BOARD_PRODUCT = $(SWIFT) build -c release --swift-sdks-path $(SDKS) --swift-sdk ocellus-$(ARCHITECTURE) \
  --scratch-path $(OUT)/swiftpm -Xswiftc -Xcc -Xswiftc -mtune=$(CORE) $(ATOMICS) \
  -Xcc -DOCELLUS_BOARD $(foreach flag,$(BOARD_LINKER_FLAGS) $(LINKER_FLAGS),-Xlinker $(flag)) --product
BOARD_LINKER_FLAGS = --icf=all --no-eh-frame-hdr \
  --script=$(CURDIR)/boards/kernels.ld --script=$(CURDIR)/boards/discarded.ld
# Reference counts by instructions of every core, not by a call that chooses between two kinds.
ATOMICS = $(if $(filter arm64,$(ARCHITECTURE)),-Xswiftc -Xcc -Xswiftc -mno-outline-atomics)
LLVM := $(shell dirname "$$(readlink -f "$$(command -v swiftc)")")

all: deps
	$(BOARD_PRODUCT) ocellus
	@install $(OUT)/swiftpm/release/ocellus $(OUT)/ocellus.debug
	@$(LLVM)/llvm-objcopy --strip-all $(OUT)/ocellus.debug $(OUT)/ocellus

# What test-arm runs on the board's processor.
board-runner: deps
	$(BOARD_PRODUCT) board-runner
	@install $(OUT)/swiftpm/release/board-runner $(OUT)/

# What bench-frames times.
frame-bench: deps
	$(BOARD_PRODUCT) frame-bench
	@install $(OUT)/swiftpm/release/frame-bench $(OUT)/

# What bench-training-kernels times.
training-bench: deps
	$(BOARD_PRODUCT) training-bench
	@install $(OUT)/swiftpm/release/training-bench $(OUT)/

# Into a folder of the build.
deps: $(SDK)

$(SDK): boards/swift-sdk.sh boards/debian-packages.sh
	@boards/swift-sdk.sh $(ARCHITECTURE) $(SDKS)

# The program and the models of firmware-models: make deploy BOARD=rpi4 HOST=pi@raspberrypi
deploy: all
	@[ -n "$(HOST)" ] || { echo "make deploy: HOST is missing, for example HOST=pi@raspberrypi" >&2; exit 2; }
	ssh $(HOST) mkdir -p ocellus
	scp $(OUT)/ocellus firmware-models/*.ocm $(HOST):ocellus/

endif

BOARDS := $(filter-out host,$(notdir $(patsubst %/,%,$(dir $(wildcard boards/*/board.mk)))))

boards: $(BOARDS:%=board-%)

board-%:
	$(MAKE) BOARD=$*

# Boards on emulated processors, one for each core with all cases.
MUTATIONS ?= 3000
test-arm: deps programs $(STATIC) boards $(patsubst %,runner-%,rpi3 rpi4 rpi5 arm64 armv7)
	@Tests/Scripts/install-dependencies.sh qemu-user:/usr/bin/qemu-aarch64
	$(PROGRAM) board-cases
	@mkdir -p build/test-arm
	.build/release/board-cases build/test-arm/board.cases $(MUTATIONS) $(OCELLUS_DATA) \
	  Tests/Conformance/sample.cases $(wildcard build/conformance/random.cases)
	Tests/Scripts/test-arm.sh .build/release/ocellus .build/release/ocellusc

runner-%:
	$(MAKE) BOARD=$* board-runner

# The board's program in front of the cameras of an emulated board; with PICTURE=x.jpg MODEL=m.ocm what it says to that
# picture in each of their formats.
CAMERA := build/camera
export PICTURE MODEL
test-camera:
	@if Tests/Camera/install-emulator.sh; then \
	  $(MAKE) --no-print-directory all camera-tools $(CAMERA)/stage && \
	  python3 -B Tests/Camera/run.py $(if $(PICTURE)$(MODEL),show "$$PICTURE" "$$MODEL",test); \
	else echo "0 passed, 0 failed, 1 skipped"; fi

camera-tools: board-arm64
	@Tests/Camera/build-tools.sh $(CURDIR)/build/swift-sdks/ocellus-arm64.artifactbundle/sdk/sysroot \
	  $(CURDIR)/$(CAMERA)/tools

$(CAMERA)/stage: Tests/Camera/stage.sh boards/debian-packages.sh
	@Tests/Camera/stage.sh $@

run: all
	@firmware-models/meter-digits/read-camera.sh $(OUT)/ocellus || \
	  firmware-models/meter-digits/read-clip.sh $(OUT)/ocellus

test: deps
	Tests/Scripts/check-sources.sh
	$(SWIFT) format lint --strict -r --configuration .swift-format Sources Tests Package.swift
	Tests/Scripts/check-v4l2-layout.sh
	Tests/Scripts/check-embedded.sh
	$(MAKE) programs
	. Tests/Scripts/disassembly.sh && check_instruction_sets .build/release/ocellus
	$(PROGRAM) camera-soak
	Tests/Scripts/check-allocations.sh .build/release/ocellus .build/release/camera-soak
	Tests/Scripts/check-firmware-models.sh .build/release/ocellusc
	Tests/Scripts/check-base-models.sh .build/release/ocellusc
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

# Fine-tuning killed at KILLS random instants, and with full disks.
test-kills: all
	Tests/Training/test-kills.sh $(OUT)/ocellus $(OUT)/ocellusc $(KILLS)

# Mutated models and pictures under AddressSanitizer.
fuzz:
	OCELLUS_FUZZ=1 $(SWIFT) build -c release --sanitize=address --scratch-path .build-fuzz --product fuzz
	SWIFT_BACKTRACE=enable=no .build-fuzz/release/fuzz --count $(FUZZ_COUNT)

# Estimated cycles on Cortex-A53, A72 and A76 of NETWORKS, by default the seeded ones; for each operator with
# BENCH_FLAGS=--operators, with simulated caches with BENCH_FLAGS=--cache.
NETWORKS ?= build/benchmarks/models
bench-arm: deps programs board-rpi3 board-rpi4 board-rpi5
	@Tests/Scripts/install-dependencies.sh qemu-user:/usr/bin/qemu-aarch64 llvm-19:/usr/bin/llvm-mca-19
	@[ "$(NETWORKS)" != build/benchmarks/models ] || Tests/Scripts/make-networks.sh build/benchmarks
	python3 Tests/Benchmarks/arm_cycles.py .build/release/ocellusc build/bench-arm $(BENCH_FLAGS) \
	  $(NETWORKS)/*_int8.tflite

# What it takes to make an input of a camera's frames and, with PICTURE=x.jpg, of a JPEG beside decoding it alone:
# microseconds on this machine, estimated cycles on Cortex-A53, A72 and A76.
bench-frames: deps $(STATIC) frames-rpi3 frames-rpi4 frames-rpi5
	@Tests/Scripts/install-dependencies.sh qemu-user:/usr/bin/qemu-aarch64 llvm-19:/usr/bin/llvm-mca-19
	$(PROGRAM) frame-bench
	.build/release/frame-bench < $(or $(PICTURE),/dev/null)
	python3 Tests/Benchmarks/arm_frames.py build/bench-arm $(PICTURE)

frames-%:
	$(MAKE) BOARD=$* frame-bench

# What the inner loops of training take: nanoseconds on this machine, estimated cycles on Cortex-A53, A72 and A76.
bench-training-kernels: deps $(STATIC) training-rpi3 training-rpi4 training-rpi5
	@Tests/Scripts/install-dependencies.sh qemu-user:/usr/bin/qemu-aarch64 llvm-19:/usr/bin/llvm-mca-19
	$(PROGRAM) training-bench
	.build/release/training-bench
	python3 Tests/Benchmarks/arm_training.py build/bench-arm

training-%:
	$(MAKE) BOARD=$* training-bench

# What a camera's frame takes from its capture to its answer beyond inference itself, on this machine.
bench-camera: deps programs
	$(PROGRAM) camera-soak
	@for format in YUYV NV12 MJPG; do \
	  echo "$$format"; .build/release/camera-soak latency firmware-models/meter-digits.ocm $$format 300 \
	    Tests/ImagingTests/Vectors/color.jpg; done

bench-peers: all
	Tests/Scripts/bench-peers.sh $(OUT)/ocellus $(OUT)/ocellusc

clean:
	rm -rf build .build .build-test .build-fuzz
