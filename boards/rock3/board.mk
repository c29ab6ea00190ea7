# Radxa Rock 3 and other boards of the RK3566 and RK3568: four Cortex-A55, with the dot product instructions.
ARCHITECTURE = arm64
CORE = cortex-a55
INSTRUCTION_SETS = neon dotprod
