/* What the host's files share. */
#ifndef FLINT_HOST_H
#define FLINT_HOST_H

#include <stddef.h>
#include <stdint.h>

struct sxMachine;

/* How the process ends when not by itself. */
enum { EXIT_UNCAUGHT = 1, EXIT_USAGE = 2, EXIT_MEMORY = 12, EXIT_STACK = 13, EXIT_FATAL = 14 };

/* memory.c: all RAM of the counted machine. */
typedef struct {
	size_t limit, used, peak; /* everything: both heaps as reserved, the stack, and what XS mallocs */
	size_t native;            /* of which malloced */
	size_t stackPeak;         /* bytes of the XS stack ever in use */
} Memory;
void openArena(size_t bytes);
Memory readMemory(struct sxMachine* the);
typedef struct {
	const char* purpose; /* of the last request for memory, if it was refused */
	size_t size;
} Refusal;
Refusal lastRefusal(void);

/* heap.c: what is in the two heaps and what was ever allocated in them. */
typedef struct {
	uint32_t chunks, chunksPeak, chunksReserved; /* bytes, garbage included until it is collected */
	uint32_t slots, slotsPeak, slotsReserved;    /* counts */
	uint32_t slotSize;
	uint32_t collections;
	uint64_t chunkBytesEver, slotsEver, collectionInstructions;
} Heap;
Heap readHeap(struct sxMachine* the);
void resetHeap(void);

/* rom.c: what a device has in flash; a script is opaque outside. */
struct sxMachine* createRom(void);
void* compileToRom(struct sxMachine* the, char* source, size_t size);
void runInRom(struct sxMachine* the, char* source, size_t size);
void sealRom(struct sxMachine* the);

/* machine.c: the machine's life and its end. */
typedef struct {
	size_t ram, stack, slots, chunks; /* bytes, slots, slots, bytes; 0 asks for the default */
} Sizes;
void setStackLimit(char* base);
int runMachine(struct sxMachine* rom, void* script, Sizes sizes);

/* The global objects of scripts, made in the ROM machine. */
void installConsole(struct sxMachine* the, int count, char** strings);
void installEngine(struct sxMachine* the);
void installResource(struct sxMachine* the);
void installNative(struct sxMachine* the);
void addResource(const char* name, const void* data, size_t size);

/* clock.c */
uint64_t instructions(void); /* executed so far; 0 where the core does not tell */
double microseconds(void);

#endif
