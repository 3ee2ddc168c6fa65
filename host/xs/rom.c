/* ROM: what a Moddable device has in flash is made here by a machine of its own, whose memory is not counted.

   The SDK's linker writes the built-in objects, the names and the bytecode as C tables. Here a root machine builds the
   built-ins, the script is compiled against it, and fxShareMachine makes of it what the running machine, a clone, only
   refers to. */
#include "xsAll.h"
#include "xsScript.h"
#include "xs.h"
#include "host.h"

txMachine* createRom(void)
{
	txCreation creation = {
		.initialChunkSize = 256 * 1024, .incrementalChunkSize = 64 * 1024,
		.initialHeapCount = 16 * 1024, .incrementalHeapCount = 4 * 1024,
		.stackCount = 4096,
		.initialKeyCount = 4096, .incrementalKeyCount = 1024, .nameModulo = 127, .symbolModulo = 127,
		.parserBufferSize = 256 * 1024, .parserTableModulo = 1993, /* the buffer holds the longest literal */
	};
	return fxCreateMachine(&creation, "rom", NULL, XS_NO_ID);
}

/* Links bytecode into ROM: names get their IDs, and functions and strings are used where they stand, not copied. */
static void linkCode(txByte* code, txSize size, txID* ids)
{
	txByte* end = code + size;
	while (code < end) {
		txU1 opcode = *code;
		txS1 length = gxCodeSizes[opcode];
		switch (opcode) {
		case XS_CODE_CODE_1: case XS_CODE_CODE_2: case XS_CODE_CODE_4:
			*code += XS_CODE_CODE_ARCHIVE_1 - XS_CODE_CODE_1;
			break;
		case XS_CODE_STRING_1: case XS_CODE_STRING_2: case XS_CODE_STRING_4:
			*code += XS_CODE_STRING_ARCHIVE_1 - XS_CODE_STRING_1;
			break;
		}
		code++;
		if (length > 0)
			code += length - 1;
		else if (length == 0) { /* an ID */
			txID id;
			c_memcpy(&id, code, sizeof(id));
			if (id != XS_NO_ID)
				c_memcpy(code, &ids[id], sizeof(id));
			code += sizeof(id);
		}
		else { /* data after its length, in 1, 2 or 4 bytes, little-endian */
			txU4 count = 0;
			c_memcpy(&count, code, -length);
			code += count - length;
		}
	}
}

void* compileToRom(txMachine* the, char* source, size_t size)
{
	txStringCStream stream = { source, 0, (txSize)size };
	txScript* script = fxParseScript(the, &stream, fxStringCGetter, mxProgramFlag);
	txString name;
	txID count, *ids;
	if (!script)
		return NULL;
	c_memcpy(&count, script->symbolsBuffer, sizeof(count));
	ids = malloc(count * sizeof(txID));
	ids[0] = XS_NO_ID;
	name = (txString)script->symbolsBuffer + sizeof(count);
	for (txID i = 1; i < count; i++) {
		ids[i] = fxNewNameX(the, name);
		name += c_strlen(name) + 1;
	}
	linkCode(script->codeBuffer, script->codeSize, ids);
	free(ids);
	script->symbolsBuffer = NULL; /* linked: fxRunScript neither maps names nor frees the bytecode */
	return script;
}

/* Runs a script while the ROM is being made, as Moddable preloads modules: what it defines stays in flash. */
void runInRom(txMachine* the, char* source, size_t size)
{
	void* script = compileToRom(the, source, size);
	xsBeginHost(the);
	{
		txSlot* realm = mxModuleInstanceInternal(mxProgram.value.reference)->value.module.realm;
		fxRunScript(the, script, mxRealmGlobal(realm), C_NULL, mxRealmClosures(realm)->value.reference, C_NULL, mxProgram.value.reference);
		mxPop();
	}
	xsEndHost(the);
}

/* The X kinds tell a clone's collector that the data is not in its chunk heap. */
static void sealSlot(txSlot* slot)
{
	switch (slot->kind) {
	case XS_STRING_KIND: slot->kind = XS_STRING_X_KIND; break;
	case XS_BIGINT_KIND: slot->kind = XS_BIGINT_X_KIND; break;
	case XS_KEY_KIND: slot->kind = XS_KEY_X_KIND; break;
	case XS_CODE_KIND: slot->kind = XS_CODE_X_KIND; break;
	case XS_ARRAY_KIND:
		if (slot->value.array.address) { /* items that are there: an array with gaps has fewer than its length */
			txChunk* chunk = (txChunk*)((txByte*)slot->value.array.address - sizeof(txChunk));
			txIndex count = (chunk->size - sizeof(txChunk)) / sizeof(txSlot);
			for (txIndex i = 0; i < count; i++)
				sealSlot(slot->value.array.address + i);
		}
		break;
	}
}

void sealRom(txMachine* the)
{
	fxShareMachine(the);
	for (txSlot* heap = the->firstHeap; heap; heap = heap->next)
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++)
			sealSlot(slot);
}
