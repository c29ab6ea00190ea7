# 32-bit Raspberry Pi OS and other armhf systems on Armv7 or later: Raspberry Pi 2, 3, 4.
ARCHITECTURE = armhf
CORE = cortex-a7
INSTRUCTION_SETS =
# Says so on a processor before Armv7, which the C library's own start would die on.
LINKER_FLAGS = --entry=ocellus_start
