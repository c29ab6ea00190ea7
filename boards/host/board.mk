# The machine that compiles: whatever processor it has, kernels are chosen at start among those built in.
ifeq ($(shell uname -m),x86_64)
INSTRUCTION_SETS = avx2 avx512
else
INSTRUCTION_SETS =
endif
