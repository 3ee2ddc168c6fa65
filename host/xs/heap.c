/* Counting: XS's memory manager compiled as it is, with every collection led through fxCollect() below.

   Between two collections XS only adds to the two heaps, so reading them before and after each collection tells exactly
   what was ever allocated, without an instruction more in any allocation. */
#include "xsAll.h"
#include "host.h"

/* xsMemory.c calls fxCollect itself. By its second argument these macros tell the one definition, which becomes
   xsCollect, from the calls, which reach the function below. */
#define fxCollect(THE, FLAG) COLLECT_##FLAG)
#define COLLECT_txFlag xsCollect(txMachine* the, txFlag
#define COLLECT_XS_COMPACT_FLAG (fxCollect)(the, XS_COMPACT_FLAG
#define COLLECT_XS_ORGANIC_FLAG (fxCollect)(the, XS_ORGANIC_FLAG
#include "xsMemory.c"
#undef fxCollect

static struct {
	uint32_t collections;
	uint32_t chunks, slots, chunksPeak; /* what was left by the last collection; the most before any */
	uint64_t chunkBytesEver, slotsEver, instructions; /* up to the last collection */
} counted;

void resetHeap(void)
{
	c_memset(&counted, 0, sizeof(counted));
}

static uint32_t chunksInUse(txMachine* the)
{
	uint32_t sum = 0;
	for (txBlock* block = the->firstBlock; block; block = block->nextBlock)
		sum += block->current - (txByte*)(block + 1);
	return sum;
}

void fxCollect(txMachine* the, txFlag flag)
{
	uint64_t start = instructions();
	uint32_t chunks = chunksInUse(the);
	if (!(the->collectFlag & XS_COLLECTING_FLAG)) { /* not yet allowed: XS will only note that it wanted to */
		xsCollect(the, flag);
		return;
	}
	counted.chunkBytesEver += chunks - counted.chunks;
	counted.slotsEver += the->currentHeapCount - counted.slots;
	if (counted.chunksPeak < chunks)
		counted.chunksPeak = chunks;
	xsCollect(the, flag);
	counted.chunks = chunksInUse(the);
	counted.slots = the->currentHeapCount;
	counted.collections++;
	counted.instructions += instructions() - start;
}

Heap readHeap(txMachine* the)
{
	uint32_t chunks = chunksInUse(the);
	return (Heap){
		.chunks = chunks,
		.chunksPeak = chunks > counted.chunksPeak ? chunks : counted.chunksPeak,
		.chunksReserved = the->maximumChunksSize,
		.slots = the->currentHeapCount,
		.slotsPeak = the->peakHeapCount,
		.slotsReserved = the->maximumHeapCount,
		.slotSize = sizeof(txSlot),
		.collections = counted.collections,
		.chunkBytesEver = counted.chunkBytesEver + (chunks - counted.chunks),
		.slotsEver = counted.slotsEver + (the->currentHeapCount - counted.slots),
		.collectionInstructions = counted.instructions,
	};
}
