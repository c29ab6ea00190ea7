# Raspberry Pi 5 and 500: four Cortex-A76 at 2.4 GHz, with the dot product instructions.
ARCHITECTURE = arm64
CORE = cortex-a76
INSTRUCTION_SETS = neon dotprod
