// Signals, noted for whoever looks next. The handler must not do more: it interrupts anything.
#include "CLinux.h"

typedef void (*handler)(int);
handler signal(int number, handler handler);
int siginterrupt(int number, int interrupts);
int raise(int number);

static unsigned noted;

static void note(int number) {
  unsigned bit = 1u << number;
  if (__atomic_fetch_or(&noted, bit, __ATOMIC_SEQ_CST) & bit && number != OCELLUS_SIGNAL_HANGUP) {
    // Asked for a second time before the first was looked at: the program does not get to it.
    signal(number, (handler)0);
    raise(number);
  }
}

void ocellus_catch_signals(void) {
  const int numbers[] = {OCELLUS_SIGNAL_HANGUP, OCELLUS_SIGNAL_INTERRUPT, OCELLUS_SIGNAL_TERMINATE};
  for (unsigned index = 0; index < sizeof numbers / sizeof *numbers; index++) {
    signal(numbers[index], note);
    // Waiting calls return, so that the signal is looked at.
    siginterrupt(numbers[index], 1);
  }
  // A pipe whose reader has gone shows when it is written to.
  signal(OCELLUS_SIGNAL_PIPE, (handler)1);
}

unsigned ocellus_take_signals(void) { return __atomic_exchange_n(&noted, 0, __ATOMIC_SEQ_CST); }

unsigned ocellus_noted_signals(void) { return __atomic_load_n(&noted, __ATOMIC_SEQ_CST); }
