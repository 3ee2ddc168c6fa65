/* The globals Engine, what this bench can tell about a run, and Instrumentation, the part of it a device tells. */
#include "xsAll.h"
#include "xs.h"
#include "host.h"

static void setNumber(xsMachine* the, const char* name, double value)
{
	xsSet(xsResult, xsID((char*)name), xsNumber(value));
}

static void heap(xsMachine* the)
{
	Heap heap = readHeap(the);
	Memory memory = readMemory(the);
	xsResult = xsNewObject();
	setNumber(the, "ramLimit", memory.limit);
	setNumber(the, "ram", memory.used);
	setNumber(the, "ramPeak", memory.peak);
	setNumber(the, "native", memory.native);
	setNumber(the, "stack", (the->stackTop - the->stackBottom) * sizeof(txSlot));
	setNumber(the, "stackPeak", memory.stackPeak);
	setNumber(the, "chunks", heap.chunks);
	setNumber(the, "chunksPeak", heap.chunksPeak);
	setNumber(the, "chunksReserved", heap.chunksReserved);
	setNumber(the, "slots", heap.slots);
	setNumber(the, "slotsPeak", heap.slotsPeak);
	setNumber(the, "slotsReserved", heap.slotsReserved);
	setNumber(the, "slotSize", heap.slotSize);
	setNumber(the, "collections", heap.collections);
	setNumber(the, "allocatedChunks", heap.chunkBytesEver);
	setNumber(the, "allocatedSlots", heap.slotsEver);
}

/* Bytes and slots ever allocated; these two allocate nothing themselves, so that two equal readings prove that the code
   between them allocated nothing. */
static void allocatedChunks(xsMachine* the)
{
	xsResult = xsNumber(readHeap(the).chunkBytesEver);
}

static void allocatedSlots(xsMachine* the)
{
	xsResult = xsNumber(readHeap(the).slotsEver);
}

static void countInstructions(xsMachine* the)
{
	xsResult = xsNumber(instructions());
}

static void gcInstructions(xsMachine* the)
{
	xsResult = xsNumber(readHeap(the).collectionInstructions);
}

static void gc(xsMachine* the)
{
	xsCollectGarbage();
}

static const char* const measures[] = { "XS Chunk Heap Used", "XS Slot Heap Used", "XS Stack Used", "XS Garbage Collection Count" };

static void map(xsMachine* the)
{
	char* name = xsToString(xsArg(0));
	for (int i = 0; i < (int)(sizeof(measures) / sizeof(*measures)); i++)
		if (!c_strcmp(name, measures[i]))
			xsResult = xsInteger(i + 1);
}

static void get(xsMachine* the)
{
	Heap heap = readHeap(the);
	switch (xsToInteger(xsArg(0))) {
	case 1: xsResult = xsNumber(heap.chunks); break;
	case 2: xsResult = xsNumber((double)heap.slots * heap.slotSize); break;
	case 3: xsResult = xsNumber((the->stackTop - the->stack) * sizeof(txSlot)); break;
	case 4: xsResult = xsNumber(heap.collections); break;
	}
}

void installEngine(xsMachine* machine)
{
	static const struct { const char* name; xsCallback callback; } functions[] = {
		{ "heap", heap }, { "allocatedChunks", allocatedChunks }, { "allocatedSlots", allocatedSlots },
		{ "instructions", countInstructions }, { "gcInstructions", gcInstructions }, { "gc", gc },
	};
	char version[16];
	xsBeginHost(machine);
	xsVars(1);
	xsVar(0) = xsNewObject();
	snprintf(version, sizeof(version), "%d.%d.%d", XS_MAJOR_VERSION, XS_MINOR_VERSION, XS_PATCH_VERSION);
	xsDefine(xsVar(0), xsID("version"), xsString(version), xsDontSet);
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		xsDefine(xsVar(0), xsID((char*)functions[i].name), xsNewHostFunction(functions[i].callback, 0), xsDontEnum);
	xsDefine(xsGlobal, xsID("Engine"), xsVar(0), xsDontEnum);
	xsVar(0) = xsNewObject();
	xsDefine(xsVar(0), xsID("map"), xsNewHostFunction(map, 1), xsDontEnum);
	xsDefine(xsVar(0), xsID("get"), xsNewHostFunction(get, 1), xsDontEnum);
	xsDefine(xsGlobal, xsID("Instrumentation"), xsVar(0), xsDontEnum);
	xsEndHost(machine);
}
