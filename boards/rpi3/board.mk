# Raspberry Pi 3: four Cortex-A53 at 1.2 to 1.4 GHz, 1 GB, on a 64-bit system.
ARCHITECTURE = arm64
CORE = cortex-a53
INSTRUCTION_SETS = neon
