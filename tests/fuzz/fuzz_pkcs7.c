#include "tests/fuzz/fuzz.h"
#include "tests/unit/survive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	survive_pkcs7(data, n);
	return 0;
}
