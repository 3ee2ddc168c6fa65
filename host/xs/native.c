/* The global flintNative: the compiled kernels, through the binding that firmware has. */
#include "xsAll.h"
#include "xs.h"
#include "host.h"

extern void xs_flint_version(xsMachine*), xs_flint_check(xsMachine*), xs_flint_run(xsMachine*), xs_flint_writeGolden(xsMachine*),
	xs_flint_crc32(xsMachine*), xs_flint_resample(xsMachine*), xs_flint_allocate(xsMachine*), xs_flint_largestBlock(xsMachine*),
	xs_flint_print(xsMachine*);

void installNative(xsMachine* machine)
{
	static const struct { const char* name; xsCallback callback; int length; } functions[] = {
		{ "version", xs_flint_version, 0 }, { "check", xs_flint_check, 1 }, { "run", xs_flint_run, 4 },
		{ "writeGolden", xs_flint_writeGolden, 2 }, { "crc32", xs_flint_crc32, 3 }, { "resample", xs_flint_resample, 8 },
		{ "allocate", xs_flint_allocate, 1 }, { "largestBlock", xs_flint_largestBlock, 0 }, { "print", xs_flint_print, 1 },
	};
	xsBeginHost(machine);
	xsVars(1);
	xsVar(0) = xsNewObject();
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		xsDefine(xsVar(0), xsID((char*)functions[i].name), xsNewHostFunction(functions[i].callback, functions[i].length), xsDontEnum);
	xsDefine(xsGlobal, xsID("flintNative"), xsVar(0), xsDontEnum);
	xsEndHost(machine);
}
