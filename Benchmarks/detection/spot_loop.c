// Steps libspot's own C core, as its wheel on PyPI ships it, over a series without Python in between.
#include <stdint.h>
#include <time.h>

typedef int (*spot_step)(void *spot, double value);

/// Seconds that `count` steps take; `outcomes` counts what they returned: 0 normal, 1 excess, 2 anomaly, 3 an error.
double spin(spot_step step, void *spot, const double *values, int64_t count, int64_t outcomes[4]) {
	struct timespec begin, end;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int64_t index = 0; index < count; ++index) {
		int outcome = step(spot, values[index]);
		outcomes[outcome >= 0 && outcome < 3 ? outcome : 3] += 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	return (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
}
