/* Memory: one budget for everything the counted machine holds.

   Until openArena() XS works in ordinary memory: that is the ROM machine, which stands for flash and costs no RAM.
   From then on chunks grow up and slots grow down in one arena, as in a Moddable device's static heap, and what XS
   mallocs is charged to the same budget. */
#include "xsAll.h"
#include "host.h"

enum { PAINT = 0xA5 };

static struct {
	txByte *start, *low, *high, *end;
	size_t native, peak;
	Refusal refusal;
} arena;

/* In front of malloced memory; as large as malloc's alignment. */
typedef struct {
	size_t charge, unused;
} Header;

static size_t used(void)
{
	return (arena.low - arena.start) + (arena.end - arena.high) + arena.native;
}

static int hasRoom(size_t size, const char* purpose)
{
	int fits = size <= (size_t)(arena.end - arena.start) - used();
	arena.refusal = (Refusal){ fits ? NULL : purpose, size };
	return fits;
}

static void notePeak(void)
{
	if (arena.peak < used())
		arena.peak = used();
}

void openArena(size_t bytes)
{
	bytes -= bytes % sizeof(txSlot);
	arena.start = arena.low = malloc(bytes);
	if (!arena.start) {
		fprintf(stderr, "XS: no %lu bytes of RAM on this machine\n", (unsigned long)bytes);
		exit(EXIT_MEMORY);
	}
	arena.end = arena.high = arena.start + bytes;
	resetHeap();
}

/* The stack was painted and grows down. It is not searched from its bottom: printing numbers and matching regular
   expressions use the stack's free end as scratch memory. */
static size_t stackPeak(txMachine* the)
{
	txSlot* slot = the->stack;
	txSlot painted;
	memset(&painted, PAINT, sizeof(painted));
	while (slot > the->stackBottom && memcmp(slot - 1, &painted, sizeof(painted)))
		slot--;
	return (txByte*)the->stackTop - (txByte*)slot;
}

Memory readMemory(txMachine* the)
{
	return (Memory){ arena.end - arena.start, used(), arena.peak, arena.native, stackPeak(the) };
}

Refusal lastRefusal(void)
{
	return arena.refusal;
}

void* fxAllocateChunks(txMachine* the, txSize size)
{
	txBlock* block = the->firstBlock;
	txSize grow = size;
	if (!arena.start)
		return malloc(size);
	if (block) /* as Moddable's devices do: lengthen the one block by what its free tail lacks */
		grow -= sizeof(txBlock) + (block->limit - block->current);
	if (!hasRoom(grow, "chunk"))
		return NULL;
	arena.low += grow;
	notePeak();
	if (!block)
		return arena.low - grow;
	block->limit = arena.low - size; /* to which XS will add size */
	the->maximumChunksSize += grow - size;
	return block->limit;
}

txSlot* fxAllocateSlots(txMachine* the, txSize count)
{
	size_t size = count * sizeof(txSlot);
	int first = arena.high == arena.end;
	if (!arena.start)
		return malloc(size);
	if (!hasRoom(size, "slot") && the->firstBlock && the->firstHeap) {
		/* As Moddable's devices do: compact, and take the chunk heap's free tail for slots. */
		txBlock* block = the->firstBlock;
		fxCollect(the, XS_COMPACT_FLAG | XS_ORGANIC_FLAG);
		the->maximumChunksSize -= block->limit - block->current;
		arena.low = block->limit = block->current;
	}
	if (!hasRoom(size, "slot"))
		fxAbort(the, XS_NOT_ENOUGH_MEMORY_EXIT); /* XS would too, save that it does not look when this is its stack */
	arena.high -= size;
	notePeak();
	if (first) /* the stack */
		memset(arena.high, PAINT, size);
	return (txSlot*)arena.high;
}

/* Both go with the arena, when the process ends. */
void fxFreeChunks(txMachine* the, void* chunks)
{
	(void)the;
	(void)chunks;
}

void fxFreeSlots(txMachine* the, void* slots)
{
	(void)the;
	(void)slots;
}

size_t chargeLeft(void)
{
	return arena.end - arena.start - used();
}

void* chargedMalloc(size_t size)
{
	return chargedRealloc(NULL, size);
}

void* chargedCalloc(size_t count, size_t size)
{
	void* pointer = chargedMalloc(count * size);
	return pointer ? memset(pointer, 0, count * size) : NULL;
}

void* chargedRealloc(void* pointer, size_t size)
{
	Header* header = pointer ? (Header*)pointer - 1 : NULL;
	size_t before = header ? header->charge : 0, charge = arena.start ? size : 0;
	if (charge > before && !hasRoom(charge - before, "native"))
		return NULL;
	header = realloc(header, sizeof(Header) + size);
	if (!header)
		return NULL;
	header->charge = charge;
	arena.native += charge - before;
	notePeak();
	return header + 1;
}

void chargedFree(void* pointer)
{
	Header* header = (Header*)pointer - 1;
	if (!pointer)
		return;
	arena.native -= header->charge;
	free(header);
}
