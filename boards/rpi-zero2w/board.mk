# Raspberry Pi Zero 2 W: four Cortex-A53 at 1.0 GHz, 512 MB, on a 64-bit system.
ARCHITECTURE = arm64
CORE = cortex-a53
INSTRUCTION_SETS = neon
