/* A fuzz target is one fuzz_NAME.c with this function, which only has to come
 * back. tests/fuzz/run links it with libFuzzer; in the normal test run replay.c
 * calls it with every file of corpus/NAME. Both build it with the sanitizers. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#endif
