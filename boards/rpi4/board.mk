# Raspberry Pi 4 and 400: four Cortex-A72 at 1.5 to 1.8 GHz.
ARCHITECTURE = arm64
CORE = cortex-a72
INSTRUCTION_SETS = neon
