/* Host functions, as few as can be: prelude.ts makes Moddable's modules of them. */
#include "host.h"

Resource* resources = NULL;

/* XS counts its collections only when instrumented, which would slow it down. */
static int collections = 0;

static void countCollection(txMachine* the, void* data, txMarkRoot markRoot)
{
	(void)the, (void)markRoot;
	++*(int*)data;
}

static const txHostHooks collectionHooks = { NULL, countCollection, NULL };

static void host_trace(txMachine* the)
{
	int i;
	for (i = 0; i < mxArgc; i++)
		fputs(fxToString(the, mxArgv(i)), stdout);
	fflush(stdout);
}

static void host_exit(txMachine* the)
{
	fflush(stdout);
	exit(mxArgc > 0 ? fxToInteger(the, mxArgv(0)) : 0);
}

static Resource* findResource(txMachine* the)
{
	Resource* resource = resources;
	char* name = fxToString(the, mxArgv(0));
	while (resource && strcmp(resource->name, name))
		resource = resource->next;
	return resource;
}

/* resourceExists(name) */
static void host_resourceExists(txMachine* the)
{
	mxResult->kind = XS_BOOLEAN_KIND;
	mxResult->value.boolean = findResource(the) != NULL;
}

/* openResource(name): a read-only host buffer, in place */
static void host_openResource(txMachine* the)
{
	Resource* resource = findResource(the);
	if (!resource)
		mxURIError("resource not found: %s", fxToString(the, mxArgv(0)));
	fxNewHostObject(the, NULL);
	mxPullSlot(mxResult);
	fxSetHostBuffer(the, mxResult, resource->data, (txSize)resource->size);
	fxPetrifyHostBuffer(the, mxResult);
}

/* sliceResource(buffer, begin, end): a read-only view of a part */
static void host_sliceResource(txMachine* the)
{
	char* data = fxGetHostData(the, mxArgv(0));
	txInteger size = fxGetHostBufferLength(the, mxArgv(0)), begin = fxToInteger(the, mxArgv(1)), end = fxToInteger(the, mxArgv(2));
	if (begin < 0 || end < begin || end > size)
		mxRangeError("slice outside the resource");
	fxNewHostObject(the, NULL);
	mxPullSlot(mxResult);
	fxSetHostBuffer(the, mxResult, data + begin, end - begin);
	fxPetrifyHostBuffer(the, mxResult);
}

static void host_byteLength(txMachine* the)
{
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = fxGetHostBufferLength(the, mxArgv(0));
}

/* milliseconds(): since some moment */
static void host_milliseconds(txMachine* the)
{
	struct timeval now;
	gettimeofday(&now, NULL);
	mxResult->kind = XS_NUMBER_KIND;
	mxResult->value.number = (double)now.tv_sec * 1000.0 + (double)now.tv_usec / 1000.0;
}

/*
 * measure(what): 0 bytes of chunks, 1 bytes of slots, 2 collections, 3 most RAM ever taken, 4 instructions. While collections stand still,
 * unchanged chunks and slots mean that nothing was allocated. Numbers are no allocation.
 */
static void host_measure(txMachine* the)
{
	txInteger what = fxToInteger(the, mxArgv(0));
	double value = 0;
	switch (what) {
	case 0: value = the->currentChunksSize; break;
	case 1: value = (double)the->currentHeapCount * sizeof(txSlot); break;
	case 2: value = collections; break;
	case 3: value = (double)memoryUsed(the->memory); break;
	case 4: value = (double)instructions(); break;
	}
	mxResult->kind = XS_NUMBER_KIND;
	mxResult->value.number = value;
}

static void host_collect(txMachine* the)
{
	fxCollectGarbage(the);
}

static void define(txMachine* the, char* name, txCallback callback, txInteger length)
{
	fxNewHostFunction(the, callback, length, XS_NO_ID, XS_NO_ID);
	mxPush(mxGlobal);
	fxSetID(the, fxNewNameC(the, name));
	mxPop();
}

void defineHost(txMachine* the)
{
	char version[16];
	define(the, "trace", host_trace, 1);
	define(the, "exit", host_exit, 1);
	define(the, "resourceExists", host_resourceExists, 1);
	define(the, "openResource", host_openResource, 1);
	define(the, "sliceResource", host_sliceResource, 3);
	define(the, "byteLength", host_byteLength, 1);
	define(the, "milliseconds", host_milliseconds, 0);
	define(the, "measure", host_measure, 1);
	define(the, "collect", host_collect, 0);
	fxNewHostObject(the, NULL); /* never garbage: its marker counts collections */
	fxSetHostHooks(the, the->stack, &collectionHooks);
	fxSetHostData(the, the->stack, &collections);
	mxPush(mxGlobal);
	fxSetID(the, fxNewNameC(the, "collections"));
	mxPop();
	snprintf(version, sizeof(version), "%d.%d.%d", XS_MAJOR_VERSION, XS_MINOR_VERSION, XS_PATCH_VERSION);
	mxPushStringC(version);
	mxPush(mxGlobal);
	fxSetID(the, fxNewNameC(the, "xsVersion"));
	mxPop();
}
