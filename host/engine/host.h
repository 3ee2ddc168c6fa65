/* What a script finds beside the language: see host.c. */
#include "xsAll.h"
#include "memory.h"

typedef struct Resource {
	const char* name;
	void* data;
	size_t size;
	struct Resource* next;
} Resource;

extern Resource* resources;

/* Instructions executed so far; 0 where they cannot be counted. */
unsigned long long instructions(void);

/* Defines the host functions as globals of the machine. */
void defineHost(txMachine* the);
