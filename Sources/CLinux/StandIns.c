// Stand-ins for parts of the C library that a board's static program carries and never uses: names in other languages,
// printed floating point, shared libraries, name services, the unwinding of calls. Its other parts refer to them, a
// name is all it takes to keep hundreds of kilobytes, and what is defined here the linker does not take from there.
// Each does what the library's own does where there is nothing to be had. Should the program come to need one of these
// parts, its stand-in has to go; should the library bring the part in by another name, linking fails: a name twice.
#ifdef OCELLUS_BOARD
#include "CLinux.h"

#include <stdarg.h>

_Noreturn void abort(void);
int strcmp(const char *first, const char *second);
long strtol(const char *text, char **end, int base);
ocellus_size strlen(const char *text);

static void say(const char *text) { (void)!write(2, text, strlen(text)); }

// What libjpeg reads its memory limit with, the one text that is read by a format; the library's own reads floating
// point, too.
int __isoc99_sscanf(const char *text, const char *format, ...) {
  if (strcmp(format, "%ld%c")) return -1;
  char *end;
  long value = strtol(text, &end, 10);
  if (end == text) return *text ? 0 : -1;
  va_list results;
  va_start(results, format);
  *va_arg(results, long *) = value;
  if (*end) *va_arg(results, char *) = *end;
  va_end(results);
  return *end ? 2 : 1;
}

// What libv4lconvert tells of a helper that does not start; the library's own also serves wide characters.
void perror(const char *what) {
  const char *error = strerror(ocellus_errno());
  say(what);
  say(": ");
  say(error);
  say("\n");
}

// The C library found itself broken.
_Noreturn void __assert_fail(const char *assertion, const char *file, unsigned line, const char *function) {
  (void)line;
  say(file);
  say(": ");
  say(function);
  say(": Assertion `");
  say(assertion);
  say("' failed.\n");
  abort();
}

// The library's words are English.
char *__dcgettext(const char *domain, const char *message, int category) {
  (void)domain;
  (void)category;
  return (char *)message;
}

// printf's floating point, decimal and hexadecimal: an error, as of a stream that takes nothing.
int __printf_fp(void *stream, const void *info, const void *const *arguments) {
  (void)stream;
  (void)info;
  (void)arguments;
  return -1;
}
int __printf_fphex(void *stream, const void *info, const void *const *arguments) {
  return __printf_fp(stream, info, arguments);
}

// Shared libraries, which conversions between character sets would come from: none is found.
void *__libc_dlopen_mode(const char *name, int mode) {
  (void)name;
  (void)mode;
  return 0;
}
void *__libc_dlsym(void *library, const char *name) {
  (void)library;
  (void)name;
  return 0;
}
void *__libc_dlvsym(void *library, const char *name, const char *version) {
  (void)version;
  return __libc_dlsym(library, name);
}
int __libc_dlclose(void *library) {
  (void)library;
  return -1;
}

// A thread's state of the resolver of host names, which starting a thread sets: nothing reads it.
__thread void *__libc_resp;

#ifdef __aarch64__
// Unwinding, which cancelling a thread would start: no thread is cancelled, and the program has no tables for it
// (boards/discarded.ld). 32-bit Arm's C library needs more of it, which is small.
_Noreturn void _Unwind_Resume(void *exception) {
  (void)exception;
  abort();
}
int _Unwind_ForcedUnwind(void *exception, int (*stop)(void), void *argument) {
  (void)exception;
  (void)stop;
  (void)argument;
  abort();
}
ocellus_size _Unwind_GetCFA(void *context) {
  (void)context;
  abort();
}
int __gcc_personality_v0(int version, int actions, unsigned long long kind, void *exception, void *context) {
  (void)version;
  (void)actions;
  (void)kind;
  (void)exception;
  (void)context;
  abort();
}
#endif
#endif
