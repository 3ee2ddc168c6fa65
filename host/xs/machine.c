/* The running machine: a clone of the ROM whose RAM is all counted, and the ways it can end. */
#include "xsAll.h"
#include "xsScript.h"
#include "xs.h"
#include "host.h"

enum { NATIVE_STACK = 900 * 1024 }; /* below the smallest usual default, 1 MB */

static char* stackLimit;
static int jobsPending;

void setStackLimit(char* base)
{
	stackLimit = base - NATIVE_STACK;
}

char* fxCStackLimit()
{
	return stackLimit;
}

void fxCreateMachinePlatform(txMachine* the)
{
	(void)the;
}

void fxDeleteMachinePlatform(txMachine* the)
{
	(void)the;
}

void fxQueuePromiseJobs(txMachine* the)
{
	(void)the;
	jobsPending = 1;
}

/* A device sets these in its manifest's creation; the defaults scale with the RAM. Where the first sizes do not last,
   the heaps grow by a 64th of the RAM, for XS collects garbage each time before it grows one. */
static txCreation defaults(Sizes sizes)
{
	size_t part = sizes.ram / 64, slots = part / sizeof(txSlot);
	return (txCreation){
		.initialChunkSize = (sizes.chunks ? sizes.chunks : part * 8) & ~(size_t)7,
		.incrementalChunkSize = part & ~(size_t)7,
		.initialHeapCount = sizes.slots ? sizes.slots : slots * 8,
		.incrementalHeapCount = slots > 32 ? slots : 32,
		.stackCount = sizes.stack ? sizes.stack : slots > 512 ? slots : 512,
		.initialKeyCount = 64, .incrementalKeyCount = 32, .nameModulo = 127, .symbolModulo = 127,
		.parserBufferSize = part < 256 * 1024 ? part : 256 * 1024, .parserTableModulo = 127, /* for eval */
	};
}

int runMachine(txMachine* rom, void* script, Sizes sizes)
{
	txCreation creation = defaults(sizes);
	txMachine* machine;
	openArena(sizes.ram);
	machine = fxCloneMachine(&creation, rom, "xs", NULL);
	if (!machine) {
		fputs("XS: out of memory (the machine itself)\n", stderr);
		return EXIT_MEMORY;
	}
	xsBeginHost(machine);
	{
		txSlot* realm = mxModuleInstanceInternal(mxProgram.value.reference)->value.module.realm;
		fxRunScript(the, script, mxRealmGlobal(realm), C_NULL, mxRealmClosures(realm)->value.reference, C_NULL, mxProgram.value.reference);
		mxPop();
	}
	xsEndHost(machine);
	while (jobsPending) {
		jobsPending = 0;
		xsBeginHost(machine);
		fxRunPromiseJobs(the);
		xsEndHost(machine);
	}
	fxCheckUnhandledRejections(machine, 1);
	return 0;
}

/* Prints an exception nobody caught, with its stack when it has one. */
static void reportException(txMachine* machine)
{
	xsBeginHost(machine);
	xsVars(1);
	xsTry {
		if (xsTypeOf(mxException) == xsReferenceType)
			xsVar(0) = xsGet(mxException, xsID("stack"));
		if (xsTypeOf(xsVar(0)) == xsUndefinedType)
			xsVar(0) = mxException;
		fprintf(stderr, "%s\n", xsToString(xsVar(0)));
	}
	xsCatch {
		fputs("XS: an exception that has no text\n", stderr);
	}
	xsEndHost(machine);
}

static void reportMemory(txMachine* the)
{
	Refusal refusal = lastRefusal();
	Memory memory = readMemory(the);
	if (refusal.purpose)
		fprintf(stderr, "XS: out of memory (%s): %lu more bytes wanted, %lu of %lu in use\n",
			refusal.purpose, (unsigned long)refusal.size, (unsigned long)memory.used, (unsigned long)memory.limit);
	else /* XS allows a BigInt 65535 words and a chunk 2 GB */
		fputs("XS: out of memory (value too large)\n", stderr);
}

void fxAbort(txMachine* the, int status)
{
	fflush(stdout);
	switch (status) {
	case XS_UNHANDLED_EXCEPTION_EXIT:
	case XS_UNHANDLED_REJECTION_EXIT:
		reportException(the);
		exit(EXIT_UNCAUGHT);
	case XS_NOT_ENOUGH_MEMORY_EXIT:
		reportMemory(the);
		exit(EXIT_MEMORY);
	case XS_STACK_OVERFLOW_EXIT:
		if ((char*)&status <= stackLimit)
			fputs("XS: native stack overflow\n", stderr);
		else
			fprintf(stderr, "XS: stack overflow (%ld slots)\n", (long)(the->stackTop - the->stackBottom));
		exit(EXIT_STACK);
	default:
		fprintf(stderr, "XS: fatal error %d\n", status);
		exit(EXIT_FATAL);
	}
}
