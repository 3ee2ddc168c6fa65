/*
 * xs [--ram BYTES] [--stack SLOTS] [--resource NAME=FILE]... SCRIPT...
 *
 * Runs classic scripts, one after the other, on a machine whose RAM is one block of the given size. A second, uncounted machine
 * holds the language's built-ins and the scripts' bytecode, as flash does on a device.
 */
#include "host.h"
#include "xsScript.h"

void burnScript(txMachine* root, txScript* script);
void burnHeap(txMachine* root);

unsigned long long instructions(void)
{
	return 0;
}

static void fail(const char* what, const char* name)
{
	fprintf(stderr, "xs: %s %s\n", what, name);
	exit(2);
}

static void* readFile(const char* path, size_t* size)
{
	FILE* file = fopen(path, "rb");
	char* data;
	if (!file || fseek(file, 0, SEEK_END))
		fail("cannot read", path);
	*size = (size_t)ftell(file);
	data = malloc(*size + 1);
	rewind(file);
	if (fread(data, 1, *size, file) != *size)
		fail("cannot read", path);
	fclose(file);
	data[*size] = 0;
	return data;
}

static void addResource(char* argument)
{
	Resource* resource = malloc(sizeof(Resource));
	char* equals = strchr(argument, '=');
	if (!equals)
		fail("no file in --resource", argument);
	*equals = 0;
	resource->name = argument;
	resource->data = readFile(equals + 1, &resource->size);
	resource->next = resources;
	resources = resource;
}

static txScript* parse(txMachine* the, const char* path)
{
	txStringStream stream;
	txScript* script;
	size_t size;
	char* text = readFile(path, &size);
	mxPushStringC(text);
	stream.slot = the->stack;
	stream.offset = 0;
	stream.size = (txSize)size;
	script = fxParseScript(the, &stream, fxStringGetter, mxProgramFlag);
	mxPop();
	if (!script)
		fail("cannot parse", path);
	burnScript(the, script);
	free(text);
	return script;
}

/* The machine that stands for flash: built-ins and bytecode, shared and never collected again. */
static txMachine* makeFlash(char* paths[], txScript* scripts[], int count)
{
	/* In order: chunk bytes, slots, stack slots, keys (initial and growth of each), name and symbol tables, parser. */
	static txCreation creation = { 16 << 20, 1 << 20, 1 << 18, 1 << 16, 1 << 14, 8192, 1024, 1993, 127, 4 << 20, 1993, 0 };
	txMachine* the = fxCreateMachine(&creation, "flash", NULL, XS_NO_ID);
	int i;
	if (!the)
		fail("no memory for", "the shared machine");
	fxBeginHost(the);
	mxTry(the) {
		for (i = 0; i < count; i++)
			scripts[i] = parse(the, paths[i]);
	}
	mxCatch(the) {
		fail("cannot parse:", fxToString(the, &mxException));
	}
	fxEndHost(the);
	fxShareMachine(the);
	burnHeap(the);
	return the;
}

static void report(txMachine* the)
{
	fflush(stdout);
	mxPush(mxException);
	mxDub();
	fxGetID(the, fxNewNameC(the, "stack"));
	fprintf(stderr, "%s\n%s\n", fxToString(the, the->stack + 1), mxIsUndefined(the->stack) ? "" : fxToString(the, the->stack));
}

/* Runs the scripts and the promise jobs they leave. Returns the exit code. */
static int runScripts(txMachine* the, txScript* scripts[], int count)
{
	int i, code = 0;
	fxBeginHost(the);
	mxTry(the) {
		txSlot* realm = mxProgram.value.reference->next->value.module.realm;
		defineHost(the);
		for (i = 0; i < count; i++) {
			fxRunScript(the, scripts[i], mxRealmGlobal(realm), NULL, mxRealmClosures(realm)->value.reference, NULL, mxProgram.value.reference);
			mxPop();
		}
		while (the->promiseJobs) {
			the->promiseJobs = 0;
			fxRunPromiseJobs(the);
		}
	}
	mxCatch(the) {
		report(the);
		code = 1;
	}
	fxEndHost(the);
	return code;
}

int main(int argc, char* argv[])
{
	/* In the same order; slots and chunks grow as they are needed, up to the RAM there is. */
	static txCreation creation = { 0, 4096, 512, 256, 512, 64, 32, 1993, 127, 4096, 127, 0 };
	static txScript* scripts[16];
	char* paths[16];
	size_t ram = 64 << 20;
	int i, count = 0, code;
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--ram") && i + 1 < argc)
			ram = strtoul(argv[++i], NULL, 10);
		else if (!strcmp(argv[i], "--stack") && i + 1 < argc)
			creation.stackCount = atoi(argv[++i]);
		else if (!strcmp(argv[i], "--resource") && i + 1 < argc)
			addResource(argv[++i]);
		else if (argv[i][0] == '-' || count == 16)
			fail("unknown argument", argv[i]);
		else
			paths[count++] = argv[i];
	}
	if (!count)
		fail("no script given", "");

	Memory memory;
	memory.base = memory.low = malloc(ram);
	memory.high = memory.top = memory.base + (ram & ~(size_t)15);
	txMachine* the = fxCloneMachine(&creation, makeFlash(paths, scripts, count), "device", &memory);
	if (!the)
		fail("no memory for", "the machine");
	code = runScripts(the, scripts, count);
	fflush(stdout);
	return code;
}
