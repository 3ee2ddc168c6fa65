/* The class Resource: files in flash, read in place through read-only host buffers. Behaves as Moddable's module. */
#include "xsAll.h"
#include "xs.h"
#include "host.h"

static struct {
	const char* name;
	const void* data;
	size_t size;
} resources[64];
static unsigned resourceCount;

void addResource(const char* name, const void* data, size_t size)
{
	if (resourceCount < sizeof(resources) / sizeof(*resources)) {
		resources[resourceCount].name = name;
		resources[resourceCount].data = data;
		resources[resourceCount++].size = size;
	}
}

static int findResource(const char* name)
{
	for (unsigned i = 0; i < resourceCount; i++)
		if (!strcmp(resources[i].name, name))
			return (int)i;
	return -1;
}

static void noDestructor(void* data)
{
	(void)data;
}

static void construct(xsMachine* the)
{
	char* name = xsToString(xsArg(0));
	int index = findResource(name);
	if (index < 0)
		xsURIError("Resource not found: %s", name);
	xsResult = xsGet(xsTarget, xsID("prototype"));
	xsResult = xsNewHostInstance(xsResult);
	xsSetHostBuffer(xsResult, (void*)resources[index].data, resources[index].size);
	xsPetrifyHostBuffer(xsResult);
}

static void exists(xsMachine* the)
{
	xsResult = xsBoolean(findResource(xsToString(xsArg(0))) >= 0);
}

static void getByteLength(xsMachine* the)
{
	xsResult = xsInteger(xsGetHostBufferLength(xsThis));
}

/* slice(begin, end, copy = true): without a copy a read-only view of the same flash. */
static void slice(xsMachine* the)
{
	int count = xsToInteger(xsArgc), length = xsGetHostBufferLength(xsThis), begin = 0, end = length, copy = 1;
	char* data = xsGetHostData(xsThis);
	if (count > 0) {
		begin = xsToInteger(xsArg(0));
		if (begin < 0)
			begin = 0;
	}
	if (count > 1)
		end = xsToInteger(xsArg(1));
	if (end > length)
		end = length;
	if (end < begin)
		end = begin;
	if (count > 2)
		copy = xsTest(xsArg(2));
	if (copy) {
		xsResult = xsArrayBuffer(data + begin, end - begin);
		return;
	}
	xsResult = xsNewHostObject(NULL);
	xsSetHostBuffer(xsResult, data + begin, end - begin);
	xsPetrifyHostBuffer(xsResult);
	xsDefine(xsResult, xsID("byteLength"), xsInteger(end - begin), xsDontDelete | xsDontSet);
}

void installResource(xsMachine* machine)
{
	xsBeginHost(machine);
	xsVars(2);
	xsVar(0) = xsNewHostObject(noDestructor);
	xsDefine(xsVar(0), xsID("byteLength"), xsNewHostFunction(getByteLength, 0), xsIsGetter);
	xsDefine(xsVar(0), xsID("slice"), xsNewHostFunction(slice, 2), xsDontEnum);
	xsVar(1) = xsNewHostConstructor(construct, 1, xsVar(0));
	xsDefine(xsVar(1), xsID("exists"), xsNewHostFunction(exists, 1), xsDontEnum);
	xsDefine(xsGlobal, xsID("Resource"), xsVar(1), xsDontEnum);
	xsEndHost(machine);
}
