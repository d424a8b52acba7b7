#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "index/breakdown.h"

/* As long as a rule allows is in the class of that rule. */
static void classes_of_validity_have_their_bounds(void **state)
{
	static const struct {
		int32_t days;
		unsigned class;
	} wanted[] = { { 0, 0 }, { 47, 0 }, { 48, 1 }, { 100, 1 }, { 101, 2 }, { 200, 2 }, { 201, 3 }, { 398, 3 }, { 399, 4 },
		{ 825, 4 }, { 826, 5 }, { 40000, 5 } };

	(void)state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		assert_int_equal(validity_class(20000, 20000 + wanted[i].days), wanted[i].class);
	assert_int_equal(validity_class(INT32_MIN, INT32_MAX), VALIDITY_CLASSES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_of_validity_have_their_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
