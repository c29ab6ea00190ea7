# Any 64-bit Arm board: asks the kernel at start whether there are dot product instructions.
ARCHITECTURE = arm64
CORE = generic
INSTRUCTION_SETS = neon dotprod
