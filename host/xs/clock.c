/* Time and instructions. */
#include "host.h"
#include <sys/time.h>

#ifdef __riscv

/* The emulated core retires one instruction per nanosecond of its own time: a clock that every run repeats exactly.
   It stands in for the C library's, which would ask the laptop for the date. */
uint64_t instructions(void)
{
	uint32_t high, low, again;
	do {
		__asm__ volatile (
			".option push\n .option arch, +zicsr\n rdinstreth %0\n rdinstret %1\n rdinstreth %2\n .option pop"
			: "=&r"(high), "=&r"(low), "=r"(again)
		);
	} while (high != again);
	return ((uint64_t)high << 32) | low;
}

double microseconds(void)
{
	return (double)instructions() / 1000;
}

int gettimeofday(struct timeval* restrict time, void* restrict zone)
{
	uint64_t now = instructions() / 1000;
	(void)zone;
	time->tv_sec = now / 1000000;
	time->tv_usec = now % 1000000;
	return 0;
}

#else

uint64_t instructions(void)
{
	return 0;
}

double microseconds(void)
{
	struct timeval now;
	gettimeofday(&now, NULL);
	return (double)now.tv_sec * 1e6 + (double)now.tv_usec;
}

#endif
