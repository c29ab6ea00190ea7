# The modules of the board set, each after those it imports. Sourced by the checks.
board_modules="FixedPoint Platform Kernels KernelsAVX2 KernelsAVX512 KernelsNEON KernelsDotprod FirmwareModel Runtime Imaging Camera Training ocellus"
