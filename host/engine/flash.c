/*
 * A script as it would be in flash: its names among the shared keys, its bytecode changed so that functions and strings refer to it
 * in place instead of being copied to RAM. On a device, the linker (xsl) does this.
 */
#include "xsAll.h"
#include "xsScript.h"

extern void fxRemapIDs(txMachine* the, txByte* codeBuffer, txSize codeSize, txID* theIDs);

static txU1 inFlash(txU1 code)
{
	switch (code) {
	case XS_CODE_CODE_1: return XS_CODE_CODE_ARCHIVE_1;
	case XS_CODE_CODE_2: return XS_CODE_CODE_ARCHIVE_2;
	case XS_CODE_CODE_4: return XS_CODE_CODE_ARCHIVE_4;
	case XS_CODE_STRING_1: return XS_CODE_STRING_ARCHIVE_1;
	case XS_CODE_STRING_2: return XS_CODE_STRING_ARCHIVE_2;
	case XS_CODE_STRING_4: return XS_CODE_STRING_ARCHIVE_4;
	default: return code;
	}
}

/* root: the machine that stands for flash, before it is shared. */
void burnScript(txMachine* root, txScript* script)
{
	txByte *p = script->symbolsBuffer, *end = script->codeBuffer + script->codeSize;
	txID count, i, *ids;
	mxDecodeID(p, count);
	ids = malloc(count * sizeof(txID));
	ids[0] = XS_NO_ID;
	for (i = 1; i < count; i++) {
		ids[i] = fxNewNameC(root, (txString)p);
		p += mxStringLength((char*)p) + 1;
	}
	fxRemapIDs(root, script->codeBuffer, script->codeSize, ids);
	free(ids);
	for (p = script->codeBuffer; p < end;) {
		txS1 size = gxCodeSizes[*(txU1*)p];
		txU1 code = *(txU1*)p;
		*(txU1*)p = inFlash(code);
		if (size > 0)
			p += size;
		else if (size == 0)
			p += 1 + sizeof(txID);
		else if (size == -1)
			p += 2 + *(txU1*)(p + 1);
		else if (size == -2) {
			txU2 length;
			memcpy(&length, p + 1, sizeof(length));
			p += 3 + length;
		} else {
			txS4 length;
			memcpy(&length, p + 1, sizeof(length));
			p += 5 + length;
		}
	}
	script->symbolsBuffer = NULL; /* done, and XS shall not free the script */
}

/*
 * After the sharing: strings, names and code that slots of the counted machine may come to share are marked as not its own, so that its
 * collector leaves them where they are.
 */
void burnHeap(txMachine* root)
{
	txSlot* heap;
	for (heap = root->firstHeap; heap; heap = heap->next) {
		txSlot *slot = heap + 1, *end = heap->value.reference;
		for (; slot < end; slot++) {
			switch (slot->kind) {
			case XS_KEY_KIND: slot->kind = XS_KEY_X_KIND; break;
			case XS_STRING_KIND: slot->kind = XS_STRING_X_KIND; break;
			case XS_BIGINT_KIND: slot->kind = XS_BIGINT_X_KIND; break;
			case XS_CODE_KIND: slot->kind = XS_CODE_X_KIND; break;
			}
		}
	}
}
