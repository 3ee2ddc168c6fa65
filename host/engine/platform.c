/* The functions XS calls: memory, abort, modules (there are none), promise jobs. */
#include "xsAll.h"
#include "xsScript.h"
#include "memory.h"

size_t memoryUsed(const Memory* memory)
{
	return (size_t)(memory->low - memory->base) + (size_t)(memory->top - memory->high);
}

void* fxAllocateChunks(txMachine* the, txSize size)
{
	Memory* memory = the->memory;
	char* chunks;
	if (!memory)
		return malloc(size);
	size = (size + 7) & ~7;
	if (memory->high - memory->low < size)
		return NULL;
	chunks = memory->low;
	memory->low += size;
	return chunks;
}

void fxFreeChunks(txMachine* the, void* chunks)
{
	if (!the->memory)
		free(chunks);
}

txSlot* fxAllocateSlots(txMachine* the, txSize count)
{
	Memory* memory = the->memory;
	ptrdiff_t size = count * (ptrdiff_t)sizeof(txSlot);
	if (!memory)
		return malloc(size);
	if (memory->high - memory->low < size)
		return NULL;
	memory->high -= size;
	return (txSlot*)memory->high;
}

void fxFreeSlots(txMachine* the, void* slots)
{
	if (!the->memory)
		free(slots);
}

void fxCreateMachinePlatform(txMachine* the)
{
	the->memory = the->context;
}

void fxDeleteMachinePlatform(txMachine* the)
{
	(void)the;
}

void fxQueuePromiseJobs(txMachine* the)
{
	the->promiseJobs = 1;
}

txID fxFindModule(txMachine* the, txSlot* realm, txID moduleID, txSlot* slot)
{
	(void)the, (void)realm, (void)moduleID, (void)slot;
	return XS_NO_ID;
}

void fxLoadModule(txMachine* the, txSlot* module, txID moduleID)
{
	(void)module, (void)moduleID;
	fxThrowMessage(the, NULL, 0, XS_REFERENCE_ERROR, "modules are bundled, there is nothing to load");
}

/* Nothing survives an abort on a device either: it restarts. The exit code is XS's own status. */
void fxAbort(txMachine* the, int status)
{
	static const char* reasons[] = { "debugger", "not enough memory", "stack overflow", "fatal", "dead strip", "unhandled exception", "no more keys", "too much computation", "unhandled rejection" };
	const char* reason = status >= 0 && status < (int)(sizeof(reasons) / sizeof(reasons[0])) ? reasons[status] : "unknown";
	fflush(stdout);
	if (status == XS_UNHANDLED_EXCEPTION_EXIT || status == XS_UNHANDLED_REJECTION_EXIT)
		fprintf(stderr, "XS: %s: %s\n", reason, fxToString(the, &mxException));
	else
		fprintf(stderr, "XS: %s\n", reason);
	fflush(stderr);
	exit(status ? 10 + status : 10);
}
