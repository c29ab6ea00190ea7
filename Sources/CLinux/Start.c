// Where a 32-bit Arm program starts: Debian's C library, its start included, is compiled for Armv7, so an older
// processor (Raspberry Pi 1 and Zero) would die of an illegal instruction before `main`. These are instructions that
// each of them has. The board's linker flags make it the entry.
#if defined(__arm__) && defined(__linux__)
__asm__(
    ".arm\n"
    ".section .text.ocellus_start, \"ax\", %progbits\n"
    ".global ocellus_start\n"
    ".type ocellus_start, %function\n"
    "ocellus_start:\n"
    // The stack holds the arguments' count, they and a zero, the environment and a zero, the auxiliary vector.
    // The first register is the C library's.
    "  ldr r1, [sp]\n"
    "  add r1, sp, r1, lsl #2\n"
    "  add r1, r1, #8\n"
    "1: ldr r2, [r1], #4\n"
    "  cmp r2, #0\n"
    "  bne 1b\n"
    "2: ldr r2, [r1], #8\n"
    "  cmp r2, #0\n"
    "  beq 3f\n"
    "  cmp r2, #15\n"  // AT_PLATFORM: "v6l", "v7l", "v8l".
    "  bne 2b\n"
    "  ldr r3, [r1, #-4]\n"
    "  ldrb r3, [r3, #1]\n"
    "  cmp r3, #'7'\n"
    "  blt 4f\n"
    "3: ldr r1, =_start\n"
    "  bx r1\n"
    "4: mov r0, #2\n"
    "  ldr r1, =5f\n"
    "  ldr r2, =(6f - 5f)\n"
    "  mov r7, #4\n"  // write
    "  svc #0\n"
    "  mov r0, #1\n"
    "  mov r7, #248\n"  // exit_group
    "  svc #0\n"
    ".ltorg\n"
    "5: .ascii \"ocellus: this processor is older than Armv7, which the program is built for;"
    " a Raspberry Pi 2 or later is needed\\n\"\n"
    "6:\n"
    ".size ocellus_start, . - ocellus_start\n"
    ".text\n");
#endif
