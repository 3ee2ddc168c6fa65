/* The counted RAM: one block that holds all an XS machine on a device would hold. Chunks grow up, slots and stack grow down. */
#include <stddef.h>

typedef struct {
	char* base;
	char* low;  /* end of the chunks */
	char* high; /* begin of slots and stack */
	char* top;
} Memory;

/* Most that was ever taken, in bytes: neither side gives anything back. */
size_t memoryUsed(const Memory* memory);
